package dev.millrace.models.download;

/// Puts statuses that are no answer into words.
final class Answers {
    private static final String GATED = "GatedRepo";
    private static final String NO_REPOSITORY = "RepoNotFound";
    private static final String NO_REVISION = "RevisionNotFound";

    private Answers() {}

    /// Returns if the response can be worked with.
    ///
    /// @param fromHub whether it was the hub itself that answered
    /// @param withToken whether a token is configured
    static void check(Reply reply, boolean fromHub, boolean withToken) throws PullException, Trouble {
        int status = reply.head().status();
        String encoding = reply.head().field("content-encoding");
        if (GuardedGet.isTaken(status)) {
            if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
                throw new PullException(
                        PullError.UPSTREAM_ERROR, reply.host() + " compresses what must come as it is: given up");
            }
            return;
        }
        String host = reply.host();
        String code = reply.head().field("x-error-code");
        switch (status) {
            case 401, 403 -> throw refused(host, status, code, fromHub, withToken);
            case 404, 410 ->
                throw new PullException(
                        PullError.NOT_FOUND,
                        code.equals(NO_REVISION)
                                ? host + " has no such revision of it"
                                : host + " has no such model or file");
            case 408, 425, 429, 500, 502, 503, 504 ->
                throw new Trouble(
                        Trouble.Kind.BUSY,
                        host + " answers " + status,
                        reply.head().retryAfter(),
                        null);
            default -> throw new PullException(PullError.UPSTREAM_ERROR, host + " answers " + status + ": given up");
        }
    }

    private static PullException refused(String host, int status, String code, boolean fromHub, boolean withToken) {
        if (!fromHub) {
            return new PullException(
                    PullError.UNAUTHORIZED,
                    host + " does not give it away (" + status + "); tokens are sent to the hub only");
        }
        if (code.equals(GATED)) {
            return new PullException(
                    PullError.UNAUTHORIZED,
                    "the model is gated: accept its terms on its page at " + host
                            + ", then pull again with the token of that account (--token-file)");
        }
        if (withToken) {
            return new PullException(
                    PullError.UNAUTHORIZED,
                    host + " refuses the token for this model (" + status + "): it may be expired or lack read access");
        }
        // Without a token the hub answers the same for what does not exist and for what is private.
        return new PullException(
                code.equals(NO_REPOSITORY) ? PullError.NOT_FOUND : PullError.UNAUTHORIZED,
                host + " shows no such model to strangers (" + status
                        + "): check the spelling, or give a token if it is private (--token-file)");
    }
}
