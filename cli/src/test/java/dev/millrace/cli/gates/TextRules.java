package dev.millrace.cli.gates;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Rules about calls and words, read line by line.
final class TextRules {
    private static final List<Ban> BANS = List.of(
            new Ban("\\bThread\\s*\\.\\s*sleep\\b", "Thread.sleep: wait for the event itself, or step a clock", ".*"),
            new Ban("\\bTimeUnit\\s*\\.\\s*\\w+\\s*\\.\\s*sleep\\b", "TimeUnit.sleep: wait for the event itself", ".*"),
            new Ban(
                    "\\bSystem\\s*\\.\\s*(out|err)\\b",
                    "System.out: only the command writes; log by SLF4J",
                    "(?!cli/|.*/bench/|.*Bench\\.java|.*/BareDecodeLoop).*"),
            new Ban("\\bSystem\\s*\\.\\s*gc\\b", "System.gc: nothing may depend on it", ".*"),
            new Ban("\\bnew\\s+Random\\s*\\(\\s*\\)", "new Random(): pass in a RandomGenerator with a seed", ".*"),
            new Ban("\\bMath\\s*\\.\\s*random\\b", "Math.random: pass in a RandomGenerator", ".*"),
            new Ban("@Disabled\\b|@Ignore\\b", "a skipped test proves nothing: fix or remove it", ".*"),
            new Ban(
                    "\\bassumeTrue\\b|\\bassumeFalse\\b",
                    "an assumption skips the test silently: make it an assertion",
                    // An engine says what it can do; the contract asks only for that.
                    "(?!testing/.*/EngineContract).*"),
            new Ban("\\bimport\\s+[\\w.]*\\.shaded\\.", "a shaded class: depend on the library itself", ".*"),
            new Ban("\\.printStackTrace\\s*\\(", "printStackTrace: log it, or rethrow", "(?!cli/).*"));

    private static final Pattern LOOSE_END = Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b(?!\\(#\\d+\\))");
    private static final Pattern OLD_DOC = Pattern.compile("^\\s*/\\*\\*(?!/)", Pattern.MULTILINE);

    // Split so that this file does not contain what it looks for.
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.])/(work|root|home/[a-z]+)" + "/[\\w.]|[A-Z]:\\\\\\\\?Users");
    private static final Pattern REGISTRY =
            Pattern.compile("repo1?\\.maven(\\.apache)?" + "\\.org|registry\\.npmjs" + "\\.org|" + "registry\\.yarnpkg"
                    + "\\.com|deb\\.debian" + "\\.org|pypi" + "\\.org|files\\.pythonhosted" + "\\.org");

    private TextRules() {}

    /// Calls that are banned in this file.
    static List<Finding> bannedCalls(JavaSource source) {
        List<Finding> findings = new ArrayList<>();
        String code = source.code();
        for (Ban ban : BANS) {
            if (source.name().matches(ban.files())) {
                findings.addAll(find(source.name(), code, ban.pattern(), ban.instead()));
            }
        }
        return findings;
    }

    /// Work left behind without an issue that remembers it.
    static List<Finding> looseEnds(String name, String text) {
        return find(name, text, LOOSE_END, "a loose end needs its issue: write it as the word and (#12), or do it");
    }

    /// Documentation comments of the old kind.
    static List<Finding> oldDocumentation(JavaSource source) {
        return find(source.name(), source.text(), OLD_DOC, "documentation is Markdown: ///");
    }

    /// Paths of one machine, and addresses of registries, which belong to the machine's configuration.
    static List<Finding> placesOutside(String name, String text) {
        List<Finding> findings = new ArrayList<>(find(name, text, MACHINE_PATH, "a path of one machine"));
        findings.addAll(find(name, text, REGISTRY, "a registry's address: the client is configured outside"));
        return findings;
    }

    private static List<Finding> find(String name, String text, Pattern pattern, String problem) {
        List<Finding> findings = new ArrayList<>();
        Matcher m = pattern.matcher(text);
        while (m.find()) {
            long line = 1
                    + text.substring(0, m.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            findings.add(new Finding(name, line, problem));
        }
        return findings;
    }

    /// @param files expression that the file's name must match for the ban to hold
    private record Ban(Pattern pattern, String instead, String files) {
        Ban(String pattern, String instead, String files) {
            this(Pattern.compile(pattern), instead, files);
        }
    }
}
