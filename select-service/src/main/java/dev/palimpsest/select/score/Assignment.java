package dev.palimpsest.select.score;

import java.util.Arrays;

/**
 * Rectangular linear assignment by shortest augmenting paths (Jonker and Volgenant 1987; the rectangular form of Crouse 2016, "On
 * implementing 2D rectangular assignment algorithms"). Exact; {@code O(rows^2 columns)}.
 *
 * <p>Written here because the libraries at hand build a graph object per pair.
 */
final class Assignment {
    private final double[][] cost;
    private final int rows;
    private final int columns;
    private final double[] u;
    private final double[] v;
    private final int[] columnOfRow;
    private final int[] rowOfColumn;
    /** The row before each column on the shortest path, and the length of that path. */
    private final int[] path;

    private final double[] shortest;
    private final boolean[] rowSeen;
    private final boolean[] columnSeen;

    private Assignment(double[][] cost, int columns) {
        this.cost = cost;
        this.rows = cost.length;
        this.columns = columns;
        this.u = new double[rows];
        this.v = new double[columns];
        this.columnOfRow = new int[rows];
        this.rowOfColumn = new int[columns];
        this.path = new int[columns];
        this.shortest = new double[columns];
        this.rowSeen = new boolean[rows];
        this.columnSeen = new boolean[columns];
        Arrays.fill(columnOfRow, -1);
        Arrays.fill(rowOfColumn, -1);
    }

    /**
     * One-to-one pairs of the largest total gain; every row of the shorter side is paired.
     *
     * @param gain {@code [rows][columns]}, finite
     * @return {@code [rows]} the column of each row, -1 for rows left over
     */
    static int[] maximise(double[][] gain, int columns) {
        int rows = gain.length;
        if (rows <= columns) {
            double[][] cost = new double[rows][columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    cost[i][j] = -gain[i][j];
                }
            }
            return new Assignment(cost, columns).solve();
        }
        double[][] cost = new double[columns][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                cost[j][i] = -gain[i][j];
            }
        }
        Assignment transposed = new Assignment(cost, rows);
        transposed.solve();
        return transposed.rowOfColumn;
    }

    private int[] solve() {
        for (int row = 0; row < rows; row++) {
            augment(row);
        }
        return columnOfRow;
    }

    private void augment(int start) {
        Arrays.fill(shortest, Double.POSITIVE_INFINITY);
        Arrays.fill(rowSeen, false);
        Arrays.fill(columnSeen, false);
        double length = 0;
        int row = start;
        int sink = -1;
        while (sink < 0) {
            rowSeen[row] = true;
            int nearest = relax(row, length);
            length = shortest[nearest];
            columnSeen[nearest] = true;
            if (rowOfColumn[nearest] < 0) {
                sink = nearest;
            } else {
                row = rowOfColumn[nearest];
            }
        }
        updateDuals(start, length);
        flip(start, sink);
    }

    /** Shortens paths through {@code row} and returns the nearest column not yet reached; a free one if there is a tie. */
    private int relax(int row, double length) {
        int nearest = -1;
        for (int j = 0; j < columns; j++) {
            if (columnSeen[j]) {
                continue;
            }
            double through = length + cost[row][j] - u[row] - v[j];
            if (through < shortest[j]) {
                shortest[j] = through;
                path[j] = row;
            }
            if (nearest < 0
                    || shortest[j] < shortest[nearest]
                    || (shortest[j] == shortest[nearest] && rowOfColumn[j] < 0 && rowOfColumn[nearest] >= 0)) {
                nearest = j;
            }
        }
        return nearest;
    }

    private void updateDuals(int start, double length) {
        u[start] += length;
        for (int i = 0; i < rows; i++) {
            if (rowSeen[i] && i != start) {
                u[i] += length - shortest[columnOfRow[i]];
            }
        }
        for (int j = 0; j < columns; j++) {
            if (columnSeen[j]) {
                v[j] -= length - shortest[j];
            }
        }
    }

    private void flip(int start, int sink) {
        int column = sink;
        int row;
        do {
            row = path[column];
            rowOfColumn[column] = row;
            int previous = columnOfRow[row];
            columnOfRow[row] = column;
            column = previous;
        } while (row != start);
    }
}
