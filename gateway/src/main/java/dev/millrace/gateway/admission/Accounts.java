package dev.millrace.gateway.admission;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The keys and models that hold or wait for something, and the virtual time by which keys take turns.
/// *Confined to the owner of the policy.*
///
/// Each request served moves its key's start tag on by `1 / weight`, and the lowest tag is next; so keys
/// that wait get service in proportion to their weights. Who comes anew starts at the virtual time.
///
/// The virtual time is the later of the tag that is served and a clock that moves by `1 / (weights of those
/// who wait)` per service, as fast as a perfectly fair server would. The second part is the ageing: without
/// it an endless row of new keys, all starting at an unchanged virtual time, would pass one that has been
/// served once. With it, who waits first in its key is served after at most `W (1 + 2 / weight) + 2 K`
/// others, where W is the sum of the weights of the K keys that wait.
///
/// A key that could not use its turns, being full itself or its model, keeps a claim to one round (`weight`
/// requests) and not to all of them.
///
/// Source of the rule: Bennett, Zhang, "Hierarchical Packet Fair Queueing Algorithms" (WF2Q+), SIGCOMM
/// 1996; Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
final class Accounts {
    /// Most keys that have nothing here and whose tag is still remembered.
    private static final int MOST_IDLE_KEYS = 1_024;
    /// Virtual time in which a key of weight 1 is served once.
    private static final double ROUND = 1;

    private final AdmissionSettings settings;
    private final Map<String, KeyAccount> keys = new HashMap<>();
    private final Map<String, KeyAccount> idleKeys = new LinkedHashMap<>();
    private final Map<String, ModelAccount> models = new HashMap<>();
    private final Shedding shedding;
    private double virtualTime;
    private long waitingWeight;

    Accounts(AdmissionSettings settings, Shedding shedding) {
        this.settings = settings;
        this.shedding = shedding;
    }

    /// The account of a key, found or opened; to be followed by [#tidy].
    KeyAccount key(String name, int weight) {
        KeyAccount account = keys.get(name);
        if (account == null) {
            account = idleKeys.remove(name);
            if (account == null) {
                account = new KeyAccount(name, weight, settings.perKey());
            }
            account.weight = weight;
            account.startTag = Math.max(account.startTag, virtualTime);
            keys.put(name, account);
            shedding.add(weight);
        } else if (account.weight != weight) {
            reweigh(account, weight);
        }
        return account;
    }

    private void reweigh(KeyAccount account, int weight) {
        shedding.remove(account.weight);
        shedding.add(weight);
        if (account.waiting > 0) {
            waitingWeight += weight - account.weight;
        }
        account.weight = weight;
    }

    /// The account of a model, found or opened; to be followed by [#tidy].
    ModelAccount model(String name) {
        return models.computeIfAbsent(name, model -> new ModelAccount(model, settings.perModel()));
    }

    /// Forgets what is idle.
    void tidy(KeyAccount key, ModelAccount model) {
        if (model.isIdle()) {
            models.remove(model.model);
        }
        if (!key.isIdle() || keys.remove(key.key) == null) {
            return;
        }
        shedding.remove(key.weight);
        if (key.startTag > virtualTime) {
            idleKeys.put(key.key, key);
            if (idleKeys.size() > MOST_IDLE_KEYS) {
                idleKeys.remove(idleKeys.keySet().iterator().next());
            }
        }
    }

    void waits(KeyAccount key, ModelAccount model) {
        if (key.waiting++ == 0) {
            key.startTag = Math.max(key.startTag, virtualTime);
            waitingWeight += key.weight;
        }
        model.waiting++;
    }

    void waitsNoMore(KeyAccount key, ModelAccount model) {
        if (--key.waiting == 0) {
            waitingWeight -= key.weight;
        }
        model.waiting--;
    }

    /// A request of the key is served: its turn is used up. To be called before it waits no more.
    void charge(KeyAccount key) {
        double start = key.waiting == 0 ? Math.max(key.startTag, virtualTime) : key.startTag;
        virtualTime = Math.max(virtualTime + 1.0 / Math.max(waitingWeight, key.weight), start);
        key.startTag = Math.max(start, virtualTime - ROUND) + 1.0 / key.weight;
    }

    /// How many are served by the time that the `rank`th of this key is.
    int position(KeyAccount key, int rank, int waiting) {
        long weights = key.waiting == 0 ? waitingWeight + key.weight : waitingWeight;
        double rounds = Math.ceil((double) rank * weights / key.weight);
        return (int) Math.max(1, Math.min(waiting, rounds));
    }

    long waitingWeight() {
        return waitingWeight;
    }

    Collection<KeyAccount> keys() {
        return keys.values();
    }

    Collection<ModelAccount> models() {
        return models.values();
    }
}
