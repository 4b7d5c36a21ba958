package dev.millrace.gateway.admission;

/// Sums over all accounts, to compare with what is counted as it happens. *Immutable.*
record Audit(int keysInFlight, int keysWaiting, int modelsInFlight, int modelsWaiting, AdmissionSettings settings) {

    static Audit of(Accounts accounts, AdmissionSettings settings, Shedding shedding) {
        int keysInFlight = 0;
        int keysWaiting = 0;
        long weight = 0;
        for (KeyAccount key : accounts.keys()) {
            verify(!key.isIdle(), "key idle: %s (expected: %s)", 1, 0);
            verifyLanes(key);
            within("in flight of a key", key.inFlight, settings.perKey());
            verify(
                    key.waiting <= settings.queuePerKey(),
                    "waiting of a key: %s (expected: <= %s)",
                    key.waiting,
                    settings.queuePerKey());
            keysInFlight += key.inFlight;
            keysWaiting += key.waiting;
            weight += key.waiting > 0 ? key.weight : 0;
        }
        int modelsInFlight = 0;
        int modelsWaiting = 0;
        for (ModelAccount model : accounts.models()) {
            within("in flight of a model", model.inFlight, settings.perModel());
            modelsInFlight += model.inFlight;
            modelsWaiting += model.waiting;
        }
        verify(weight == accounts.waitingWeight(), "weight: %s (expected: %s)", accounts.waitingWeight(), weight);
        int keys = accounts.keys().size();
        verify(shedding.size() == keys, "keys weighed: %s (expected: %s)", shedding.size(), keys);
        return new Audit(keysInFlight, keysWaiting, modelsInFlight, modelsWaiting, settings);
    }

    private static void verifyLanes(KeyAccount key) {
        for (Lane lane : key.lanes.values()) {
            verify(!lane.isEmpty(), "lanes without anybody: %s (expected: %s)", 1, 0);
            verify(
                    lane.listed != key.isFull(),
                    "lane listed: %s (expected: %s)",
                    lane.listed ? 1 : 0,
                    key.isFull() ? 0 : 1);
            boolean ready = lane.listed && !lane.model.isFull();
            verify(!ready || lane.model.ready, "models that wait unseen: %s (expected: %s)", 1, 0);
        }
    }

    void check(int inFlight, int waiting, int deadlines) {
        verify(keysInFlight == inFlight, "in flight by key: %s (expected: %s)", keysInFlight, inFlight);
        verify(modelsInFlight == inFlight, "in flight by model: %s (expected: %s)", modelsInFlight, inFlight);
        verify(keysWaiting == waiting, "waiting by key: %s (expected: %s)", keysWaiting, waiting);
        verify(modelsWaiting == waiting, "waiting by model: %s (expected: %s)", modelsWaiting, waiting);
        verify(waiting <= settings.queue(), "waiting: %s (expected: <= %s)", waiting, settings.queue());
        verify(deadlines <= waiting, "deadlines: %s (expected: <= %s)", deadlines, waiting);
    }

    private static void within(String what, int count, int limit) {
        verify(count >= 0 && (limit == 0 || count <= limit), what + ": %s (expected: 0..%s)", count, limit);
    }

    static void verify(boolean sane, String message, long value, long expected) {
        if (!sane) {
            throw new IllegalStateException("admission: " + message.formatted(value, expected));
        }
    }
}
