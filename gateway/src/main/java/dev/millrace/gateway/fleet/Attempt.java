package dev.millrace.gateway.fleet;

/// One request under way at one endpoint. *Confined to its owner*; what is public never changes.
public final class Attempt {
    final Endpoint target;

    /// The public name.
    final String model;

    /// How often its endpoint had been ejected when it was sent: what was sent earlier is evidence of another time.
    final long ejectionsBefore;

    private final String upstreamModel;
    private final boolean trial;
    private boolean ended;

    Attempt(Endpoint target, String model, String upstreamModel, boolean trial) {
        this.target = target;
        this.model = model;
        this.upstreamModel = upstreamModel;
        this.trial = trial;
        this.ejectionsBefore = target.health.ejections();
    }

    /// Where it goes.
    public EndpointId endpoint() {
        return target.id;
    }

    /// The model's name at that endpoint.
    public String upstreamModel() {
        return upstreamModel;
    }

    /// True if it finds out whether an ejected endpoint is well again.
    public boolean trial() {
        return trial;
    }

    void end() {
        if (ended) {
            throw new IllegalStateException("attempt at " + target.id + ": ended twice (expected: once)");
        }
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }
}
