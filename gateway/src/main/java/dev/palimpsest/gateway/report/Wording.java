package dev.palimpsest.gateway.report;

import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sentences of the report that follow from its numbers. */
final class Wording {
    private Wording() {}

    static String headline(AuditView view, @Nullable VerdictView verdict) {
        if (verdict != null && verdict.nothingCameBack()) {
            return "The attack brought nothing back, so that there was nothing to compare with the " + verdict.members()
                    + " training samples. The grade is the absence of a result and no proof that nothing can come back; the notes say why.";
        }
        if (verdict != null) {
            int recovered = verdict.matched().getOrDefault("0.9", 0);
            int loosely = verdict.matched().getOrDefault("0.75", 0);
            return recovered + " of " + verdict.members() + " training samples came back above cosine 0.9, and "
                    + loosely + " above 0.75, from the weights of the classifier alone.";
        }
        if (view.state().terminal()) {
            return "Without both members and controls there is no verdict: the report shows what the weights gave, not how much of it is true.";
        }
        return "The audit is " + view.state().id() + ": this report shows what is there so far.";
    }

    static List<String> gallery(
            AuditView view, @Nullable VerdictView verdict, List<Report.Entry> entries, String backbone) {
        int pictures = entries.size();
        boolean compared = entries.stream().anyMatch(entry -> entry.file() != null);
        List<String> notes = new ArrayList<>();
        if (TextBackbone.is(backbone)) {
            notes.add(
                    "The backbone takes texts, so there is no picture to make: this audit ends with the embeddings. Putting a text to a"
                            + " reconstructed embedding, as the nearest of a collection, is not done.");
            return notes;
        }
        if (pictures == 0) {
            notes.add("There is no finished picture"
                    + (view.state().terminal() ? "." : " yet: " + view.expectedPictures() + " are expected."));
            return notes;
        }
        notes.add(
                compared
                        ? "Each picture 'from the weights' was made from one reconstructed embedding, by looking for an image with the same embedding."
                                + " Nothing of the photograph beside it was used; it is the member whose embedding is closest."
                        : "Each picture was made from one reconstructed embedding, by looking for an image with the same embedding.");
        notes.add(
                "It shows the likeness that the embedding holds: what was in the photograph, its colours and rough places. It does"
                        + " not show pixels: faces, writing and small things come out of the image prior, not out of the weights.");
        if (verdict != null) {
            notes.add("These " + pictures + " are the representatives that ranked best without looking at members, of "
                    + verdict.members()
                    + " members in all. They are shown with the closest to a member first; an attacker sees the"
                    + " same pictures without the photographs and without this order.");
            notes.add("A cosine that is not above " + Numbers.cosine(verdict.nullMaximum())
                    + ", the best that any of " + verdict.controls()
                    + " photographs outside the training set reached, is chance; the pictures say which ones.");
        }
        return notes;
    }

    /** How like one picture is to the member, and to what else it could be compared with. */
    static String measures(Measures measures) {
        StringBuilder text = new StringBuilder();
        if (measures.member().ssim() != null) {
            text.append("SSIM ")
                    .append(Numbers.cosine(measures.member().ssim()))
                    .append(", ");
        }
        text.append("distance ").append(Numbers.cosine(measures.member().distance()));
        if (measures.upperBound() != null) {
            text.append(" (from the true embedding ")
                    .append(Numbers.cosine(measures.upperBound().distance()))
                    .append(')');
        }
        if (measures.nearestPublic() != null && measures.closerControls() != null) {
            text.append("; the nearest photograph outside the training set ")
                    .append(Numbers.cosine(measures.nearestPublic().distance()))
                    .append(measures.beatsPublic() ? "" : ": the picture is no better than that")
                    .append("; closer to the picture than the member: ")
                    .append(Numbers.percent(measures.closerControls()))
                    .append(" of controls");
        }
        return text.append('.').toString();
    }

    /** What the stages want said. */
    static List<String> notes(@Nullable Target target, @Nullable Selection selection) {
        List<String> notes = new ArrayList<>();
        double skipped = target == null ? 0 : target.facts().getOrDefault("imagesSkipped", 0.0);
        if (skipped > 0) {
            notes.add(Numbers.plain(skipped)
                    + " of the images could not be read and were left out; the progress of the embed stage says why.");
        }
        if (selection != null) {
            selection.notes().forEach(note -> notes.add(sentence(note)));
        }
        return notes;
    }

    /** A stage's note as a sentence of a page. */
    private static String sentence(String note) {
        String text = note.strip();
        if (text.isEmpty()) {
            return text;
        }
        return Character.toUpperCase(text.charAt(0))
                + text.substring(1)
                + (".!?".indexOf(text.charAt(text.length() - 1)) < 0 ? "." : "");
    }

    static List<String> knowledge(@Nullable Target target) {
        List<String> known = new ArrayList<>();
        if (target == null) {
            known.add("The target is not there yet.");
            return known;
        }
        known.add("The weights of the classifier head.");
        known.add(
                target.normaliser() != null
                        ? "The normaliser (mean and deviation of each embedding coordinate), released with the head."
                        : "No normaliser: it was not released.");
        known.add(
                target.inputSize() > 0
                        ? "The frozen backbone, which is public, and the size of its input: " + target.inputSize()
                                + " pixels."
                        : "The frozen backbone, which is public.");
        if (!target.classes().isEmpty()) {
            known.add("The names of the " + target.classes().size() + " classes.");
        }
        known.add(
                target.members() > 0
                        ? "How many samples trained the head: " + target.members() + "."
                        : "Not how many samples trained the head.");
        known.add(
                target.weightDecay() > 0
                        ? "The weight decay of the training: " + Numbers.plain(target.weightDecay()) + "."
                        : "Not the weight decay of the training.");
        if (target.defence() != null) {
            known.add("The defence and its strength: " + target.defence() + ".");
        }
        known.add(
                "No training sample, no gradient, no answer of a running service. Members and controls, where given, served"
                        + " only to count afterwards: the attack has no access to where they are stored.");
        return known;
    }

    static List<String> limits(String backboneFolder) {
        List<String> limits = new ArrayList<>();
        limits.add(
                "A clean result does not mean that the head is safe. It means that this attack, with this much time and this"
                        + " seed, did not get further; a better attack may.");
        limits.add(
                "The easier the task, the fewer members the head remembers: only samples at the margin leave their mark in the"
                        + " weights. Members that did not come back here may still be betrayed by membership inference.");
        limits.add(
                TextBackbone.is(backboneFolder)
                        ? "Cosines compare embeddings in the space that the head saw. What they mean to a reader of texts was not measured."
                        : "Cosines compare embeddings in the space that the head saw. Above 0.9 a person usually recognises the photograph"
                                + " when it stands beside its picture; without it, often only the kind of thing.");
        limits.add("One audit is one head from one seed. Counts vary by a few members from seed to seed.");
        if (backboneFolder.endsWith("dinov2-small-saliency")) {
            limits.add(
                    "The backbone is 'DINOv2-small, tuned for saliency', not the original DINOv2: results of the one do not"
                            + " carry over to the other.");
        }
        return limits;
    }

    /** What would have prevented the leak, as far as it was measured. */
    static String defences(AuditView view, @Nullable AuditRequest request, @Nullable DefenceAdvice advice) {
        if (advice != null) {
            return advice.sentence();
        }
        return request != null && request.spec().target().train() != null
                ? "Not measured yet. 'palimpsest advise " + view.id()
                        + "' trains this head again with each of a set of defences, attacks it, and names the one that costs the least"
                        + " accuracy."
                : "This head was released, not trained here: no defence can be measured on it. Audit a training of it on your data"
                        + " (target.train), then ask 'palimpsest advise'.";
    }

    /** What was looked at and found in order; what was not is said elsewhere on the page. */
    static List<String> checks(AuditSnapshot audit, @Nullable VerdictView verdict, List<Report.Entry> gallery) {
        List<String> checks = new ArrayList<>();
        checks.add(
                "Every document and picture of this report was read with the SHA-256 digest that its stage announced.");
        if (audit.view().state() == State.DONE && audit.view().failures().isEmpty()) {
            checks.add("All four stages came to their end, and no piece of work failed.");
        }
        if (verdict != null && verdict.controls() > 0) {
            if (verdict.matchedControls().getOrDefault("0.9", 0) == 0) {
                checks.add("None of " + verdict.controls() + " controls was matched above cosine 0.9.");
            }
            boolean within = verdict.matched().entrySet().stream()
                    .allMatch(count -> count.getValue() <= verdict.recoverable().getOrDefault(count.getKey(), 0));
            if (within) {
                checks.add("At no cosine did more members come back than the bound of the row space allows.");
            }
        }
        long rendered =
                gallery.stream().filter(entry -> entry.pictureCosine() >= 0.9).count();
        if (rendered > 0) {
            checks.add(
                    rendered + " of " + gallery.size()
                            + " pictures, embedded anew by the backbone, have a cosine of 0.9 or more to the embedding that they were made from.");
        }
        return checks;
    }
}
