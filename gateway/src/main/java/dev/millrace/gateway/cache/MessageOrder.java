package dev.millrace.gateway.cache;

import java.util.LinkedHashMap;
import java.util.Map;

/// Tells from the numbers of messages whether some were lost, as publishing to subscribers loses them silently while a
/// connection is down. *Confined to its owner.*
public final class MessageOrder {
    private final int maxSenders;
    private final Map<String, Long> latest = new LinkedHashMap<>();

    /// @param maxSenders senders whose numbers are kept; the one that was silent for longest is forgotten, and when it
    ///     speaks again its messages count as lost
    public MessageOrder(int maxSenders) {
        if (maxSenders < 1) {
            throw new IllegalArgumentException("maxSenders: " + maxSenders + " (expected: at least 1)");
        }
        this.maxSenders = maxSenders;
    }

    /// What a message's number says.
    public enum Place {
        /// Nothing is missing.
        NEXT,
        /// The message was here before.
        REPEATED,
        /// Some are missing, or may be: everything stored until now is in doubt, which only [Invalidation.All]
        /// settles.
        AFTER_A_GAP
    }

    /// Takes note of a message.
    public Place observe(InvalidationMessage message) {
        long before = latest.getOrDefault(message.sender(), 0L);
        if (message.number() <= before) {
            return Place.REPEATED;
        }
        latest.remove(message.sender()); // to be put last
        if (latest.size() == maxSenders) {
            latest.remove(latest.keySet().iterator().next());
        }
        latest.put(message.sender(), message.number());
        return message.number() == before + 1 ? Place.NEXT : Place.AFTER_A_GAP;
    }
}
