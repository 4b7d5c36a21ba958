package dev.millrace.cli.gates;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Rules about the documents and the folder they lie in.
final class PaperRules {
    static final int MAX_README_LINES = 150;
    static final int MAX_DECISION_LINES = 60;
    static final long MAX_FILE_BYTES = 8L << 20;

    private static final Set<String> ROOT = Set.of(
            ".ci",
            ".editorconfig",
            ".git",
            ".gitattributes",
            ".github",
            ".gitignore",
            ".mvn",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "LICENSE",
            "README.md",
            "cli",
            "core",
            "deploy",
            "docs",
            "engine",
            "gateway",
            "gguf",
            "llama",
            "millrace",
            "models",
            "pom.xml",
            "protocol",
            "server",
            "testing",
            "tools",
            "worker");

    /// Made by tools, ignored by git.
    private static final Set<String> IGNORED = Set.of(".idea", ".vscode", ".settings", "target", "node_modules");

    private static final Pattern RELEASE =
            Pattern.compile("## \\[(Unreleased|\\d+\\.\\d+\\.\\d+)](?: - \\d{4}-\\d\\d-\\d\\d)?");
    private static final Set<String> SECTIONS = Set.of(
            "### Breaking", "### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security");

    private PaperRules() {}

    /// Names at the root that nobody agreed on.
    static List<String> strayNames(Set<String> namesAtTheRoot) {
        return namesAtTheRoot.stream()
                .filter(name -> !ROOT.contains(name) && !IGNORED.contains(name))
                .map(name -> name + ": not on the list of what lies at the root; docs/ or nothing")
                .sorted()
                .toList();
    }

    /// What is wrong with the changelog's shape.
    static List<String> changelog(String text) {
        List<String> problems = new ArrayList<>();
        if (!text.startsWith("# Changelog\n")) {
            problems.add("starts with '# Changelog'");
        }
        boolean insideRelease = false;
        for (String line : text.lines().toList()) {
            if (line.startsWith("## ")) {
                insideRelease = true;
                Matcher m = RELEASE.matcher(line);
                if (!m.matches()) {
                    problems.add("not a release heading: " + line);
                }
            } else if (line.startsWith("### ") && !SECTIONS.contains(line)) {
                problems.add("not a section of a release: " + line);
            } else if (line.startsWith("- ") && !insideRelease) {
                problems.add("an entry outside a release: " + line);
            }
        }
        if (!insideRelease) {
            problems.add("has no release");
        }
        return problems;
    }

    /// What is wrong with a decision record.
    static List<String> decision(String name, String text) {
        List<String> problems = new ArrayList<>();
        if (text.lines().count() > MAX_DECISION_LINES) {
            problems.add(name + ": longer than " + MAX_DECISION_LINES + " lines");
        }
        if (!text.contains("Enforced by:") && !text.contains("Not enforced, because")) {
            problems.add(name + ": does not say what enforces it");
        }
        return problems;
    }
}
