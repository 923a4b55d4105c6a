package dev.palimpsest.embed.train.release;

import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The first layer's weights by their {@code rank} largest singular values: the nearest matrix of that rank (Eckart and Young 1936). It
 * shrinks the row space, and with it the bound of every attack that lives there.
 */
public record LowRank(int rank) implements ReleaseDefence {
    @Override
    public Head apply(Head head) {
        Head.Layer first = head.layers().get(0);
        if (rank >= Math.min(first.outputs(), first.inputs())) {
            return head;
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(first.outputs(), first.inputs(), true, true, true);
        svd.decompose(
                DMatrixRMaj.wrap(first.outputs(), first.inputs(), first.weight().clone()));
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj s = svd.getW(null);
        DMatrixRMaj vt = svd.getV(null, true);
        SingularOps_DDRM.descendingOrder(u, false, s, vt, true);
        for (int i = rank; i < Math.min(s.numRows, s.numCols); i++) {
            s.set(i, i, 0);
        }
        DMatrixRMaj us = new DMatrixRMaj(1, 1);
        DMatrixRMaj low = new DMatrixRMaj(1, 1);
        CommonOps_DDRM.mult(u, s, us);
        CommonOps_DDRM.mult(us, vt, low);
        List<Head.Layer> layers = new ArrayList<>(head.layers());
        layers.set(0, new Head.Layer(first.outputs(), first.inputs(), low.data, first.bias()));
        return Head.of(head.activation(), layers);
    }
}
