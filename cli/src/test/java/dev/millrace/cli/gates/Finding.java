package dev.millrace.cli.gates;

/// One place where a rule is broken, and what to do instead.
record Finding(String file, long line, String problem) {
    @Override
    public String toString() {
        return file + ":" + line + " " + problem;
    }
}
