import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/**
 * Draws the README's picture from a finished audit of examples/gallery.yaml: members above, what came back from the weights below, the
 * closest first; only members whose photographs are public domain or CC0, the first of every kind.
 *
 * <pre>java -cp "cli/target/lib/*" bench/Gallery.java ~/.palimpsest AUDIT_ID docs/gallery.png</pre>
 */
final class Gallery {
    private static final int SIDE = 160;
    private static final int GAP = 4;
    private static final int CAPTION = 18;
    private static final int MOST = 8;

    private Gallery() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        JsonNode report = new ObjectMapper()
                .readTree(home.resolve("reports").resolve(arguments[1]).resolve("report.json").toFile());
        Set<String> free = Files.readAllLines(Path.of("examples/photos/ATTRIBUTION.md")).stream()
                .filter(line -> line.contains("| CC0-1.0 |") || line.contains("| Public domain |"))
                .map(line -> line.split("\\|")[1].strip())
                .collect(Collectors.toSet());
        Map<String, JsonNode> chosen = new LinkedHashMap<>();
        for (JsonNode entry : report.path("gallery")) {
            String file = entry.path("file").asText();
            // One fish is like another here.
            String kind = file.replaceAll(".*/|[-0-9]*\\.jpg", "");
            if (free.contains(file) && chosen.size() < MOST) {
                chosen.putIfAbsent(kind, entry);
            }
        }
        draw(List.copyOf(chosen.values()), home.resolve("data/s3/palimpsest"), Path.of(arguments[2]));
        chosen.forEach((kind, entry) -> System.out.println(
                "rank " + entry.path("rank") + " " + entry.path("file").asText() + " " + entry.path("cosine")));
    }

    private static void draw(List<JsonNode> entries, Path objects, Path out) throws Exception {
        BufferedImage sheet = new BufferedImage(
                entries.size() * (SIDE + GAP) - GAP, 2 * SIDE + GAP + CAPTION, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        g.setColor(Color.DARK_GRAY);
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int i = 0; i < entries.size(); i++) {
            int x = i * (SIDE + GAP);
            BufferedImage member = ImageIO.read(
                    objects.resolve(entries.get(i).path("member").path("key").asText()).toFile());
            int side = Math.min(member.getWidth(), member.getHeight());
            int left = (member.getWidth() - side) / 2;
            int top = (member.getHeight() - side) / 2;
            g.drawImage(member, x, 0, x + SIDE, SIDE, left, top, left + side, top + side, null);
            BufferedImage picture = ImageIO.read(
                    objects.resolve(entries.get(i).path("picture").path("key").asText()).toFile());
            g.drawImage(picture, x, SIDE + GAP, SIDE, SIDE, null);
            g.drawString(
                    String.format(Locale.ROOT, "cosine %.2f", entries.get(i).path("cosine").asDouble()),
                    x + 2,
                    2 * SIDE + GAP + CAPTION - 5);
        }
        g.dispose();
        ImageIO.write(sheet, "png", out.toFile());
    }
}
