package dev.millrace.models.download;

import java.io.Serial;

/// The source has other bytes than those that are here already: nothing may be mixed, so the file starts again.
final class SourceChangedException extends PullException {
    @Serial
    private static final long serialVersionUID = 1L;

    SourceChangedException(String host) {
        super(PullError.UPSTREAM_ERROR, "the file changed at " + host + " during the transfer");
    }
}
