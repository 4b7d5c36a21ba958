package dev.millrace.testing.upstream;

/// How a stream differs from what is usual.
enum Quirk {
    NO_DONE,
    NO_FINISH_REASON,
    NO_FINAL_BLANK_LINE,
    CRLF,
    NO_SPACE,
    COMMENT_PINGS
}
