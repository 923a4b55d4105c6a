package dev.palimpsest.gateway.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every operation with the role that it needs. What is not in this table is for nobody but operators. */
public final class Operations {
    private static final String AUDIT = "/api/v1/audits/{id}";

    private static final List<Operation> ALL = List.of(
            of(Role.VIEWER, "GET", "/api/v1/audits"),
            of(Role.SUBMITTER, "POST", "/api/v1/audits"),
            of(Role.VIEWER, "GET", AUDIT),
            of(Role.SUBMITTER, "POST", AUDIT + "/advice"),
            of(Role.VIEWER, "GET", AUDIT + "/curves"),
            of(Role.VIEWER, "GET", AUDIT + "/events"),
            of(Role.VIEWER, "GET", AUDIT + "/gallery"),
            of(Role.VIEWER, "GET", AUDIT + "/gallery/{item}/member"),
            of(Role.VIEWER, "GET", AUDIT + "/model-card.md"),
            of(Role.VIEWER, "GET", AUDIT + "/pictures/{item}"),
            of(Role.VIEWER, "GET", AUDIT + "/plots"),
            of(Role.VIEWER, "GET", AUDIT + "/report"),
            of(Role.VIEWER, "GET", AUDIT + "/report.csv"),
            of(Role.VIEWER, "GET", AUDIT + "/report.json"),
            of(Role.VIEWER, "GET", AUDIT + "/request"),
            of(Role.VIEWER, "POST", AUDIT + "/reveals"),
            of(Role.SUBMITTER, "POST", AUDIT + ":cancel"),
            of(Role.SUBMITTER, "POST", AUDIT + ":erase"),
            of(Role.SUBMITTER, "POST", AUDIT + ":pause"),
            of(Role.SUBMITTER, "POST", AUDIT + ":resume"),
            of(Role.SUBMITTER, "POST", AUDIT + ":retry"),
            of(Role.SUBMITTER, "POST", AUDIT + ":verify"),
            of(Role.VIEWER, "GET", "/api/v1/backbones"),
            of(Role.VIEWER, "GET", "/api/v1/compare"),
            of(Role.OPERATOR, "GET", "/api/v1/dead-letters"),
            of(Role.OPERATOR, "GET", "/api/v1/dead-letters/{id}"),
            of(Role.OPERATOR, "POST", "/api/v1/dead-letters/{id}:drop"),
            of(Role.OPERATOR, "POST", "/api/v1/dead-letters/{id}:replay"),
            of(Role.VIEWER, "POST", "/api/v1/session"),
            of(Role.VIEWER, "DELETE", "/api/v1/session"),
            of(Role.VIEWER, "POST", "/api/v1/specs:lint"),
            of(Role.SUBMITTER, "PUT", "/api/v1/uploads/{area}/{sha256}"),
            of(Role.SUBMITTER, "HEAD", "/api/v1/uploads/{area}/{sha256}"));

    private Operations() {}

    /**
     * One of them.
     *
     * @param path as the interface's description writes it
     */
    public record Operation(Role needs, String method, String path, Pattern pattern) {}

    private static Operation of(Role needs, String method, String path) {
        StringBuilder regex = new StringBuilder();
        Matcher variables = Pattern.compile("\\{(\\w+)\\}").matcher(path);
        int end = 0;
        while (variables.find()) {
            regex.append(Pattern.quote(path.substring(end, variables.start())))
                    .append("(?<")
                    .append(variables.group(1))
                    .append(">[^/:]+)");
            end = variables.end();
        }
        regex.append(Pattern.quote(path.substring(end)));
        return new Operation(needs, method, path, Pattern.compile(regex.toString()));
    }

    public static List<Operation> all() {
        return ALL;
    }

    /** The role that a request needs. HEAD needs what GET does, where it is no operation of its own. */
    public static Role needs(String method, String path) {
        return find(method, path)
                .or(() -> method.equals("HEAD") ? find("GET", path) : Optional.empty())
                .map(Operation::needs)
                .orElse(Role.OPERATOR);
    }

    /**
     * The audits that a request is about, by its path and the values of its query parameters {@code audit}.
     *
     * @param path without the query, decoded
     */
    public static List<String> audits(String path, List<String> queried) {
        List<String> audits = new ArrayList<>(queried);
        Matcher inPath = Pattern.compile("/api/v1/audits/([^/:]+).*").matcher(path);
        if (inPath.matches()) {
            audits.add(inPath.group(1));
        }
        return audits;
    }

    private static Optional<Operation> find(String method, String path) {
        return ALL.stream()
                .filter(operation -> operation.method().equals(method)
                        && operation.pattern().matcher(path).matches())
                .findFirst();
    }
}
