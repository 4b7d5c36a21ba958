package dev.millrace.gateway.fleet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which endpoint computed which block of a prompt last. *Confined to its owner.*
///
/// A hash table with chains over arrays of fixed length, and a list in the order of use through the same arrays:
/// remembering and finding allocate nothing. When it is full, the longest unused block makes room. Blocks that are too
/// old are not found; they leave in their turn, which is soon, because they are the longest unused. Those of endpoints
/// that are gone do the same.
final class PrefixIndex {
    private static final int NONE = -1;

    private final long ageNanos;
    private final int[] buckets;
    private final int[] nextInBucket;
    private final long[] keys;
    private final @Nullable Endpoint[] holders;
    private final long[] usedNanos;
    private final int[] newer;
    private final int[] older;
    private int newest = NONE;
    private int oldest = NONE;
    private int size;

    PrefixIndex(PrefixSettings settings) {
        int capacity = settings.mostEntries();
        ageNanos = settings.ageNanos();
        buckets = new int[Integer.highestOneBit(Math.max(1, capacity)) * 2];
        nextInBucket = new int[capacity];
        keys = new long[capacity];
        holders = new @Nullable Endpoint[capacity];
        usedNanos = new long[capacity];
        newer = new int[capacity];
        older = new int[capacity];
        Arrays.fill(buckets, NONE);
    }

    /// @param key with good low bits
    @Nullable
    Endpoint holder(long key, long nowNanos) {
        int slot = slot(key);
        return slot == NONE || nowNanos - usedNanos[slot] > ageNanos ? null : holders[slot];
    }

    void remember(long key, Endpoint holder, long nowNanos) {
        int slot = slot(key);
        if (slot == NONE) {
            slot = freeSlot();
            keys[slot] = key;
            nextInBucket[slot] = buckets[bucket(key)];
            buckets[bucket(key)] = slot;
        } else {
            unlink(slot);
        }
        holders[slot] = holder;
        usedNanos[slot] = nowNanos;
        linkAsNewest(slot);
    }

    int size() {
        return size;
    }

    private int bucket(long key) {
        return (int) key & (buckets.length - 1);
    }

    private int slot(long key) {
        int slot = buckets[bucket(key)];
        while (slot != NONE && keys[slot] != key) {
            slot = nextInBucket[slot];
        }
        return slot;
    }

    private int freeSlot() {
        if (size < keys.length) {
            return size++;
        }
        int slot = oldest;
        unlink(slot);
        leaveBucket(slot);
        return slot;
    }

    private void leaveBucket(int slot) {
        int bucket = bucket(keys[slot]);
        if (buckets[bucket] == slot) {
            buckets[bucket] = nextInBucket[slot];
            return;
        }
        int before = buckets[bucket];
        while (nextInBucket[before] != slot) {
            before = nextInBucket[before];
        }
        nextInBucket[before] = nextInBucket[slot];
    }

    private void unlink(int slot) {
        if (newer[slot] == NONE) {
            newest = older[slot];
        } else {
            older[newer[slot]] = older[slot];
        }
        if (older[slot] == NONE) {
            oldest = newer[slot];
        } else {
            newer[older[slot]] = newer[slot];
        }
    }

    private void linkAsNewest(int slot) {
        newer[slot] = NONE;
        older[slot] = newest;
        if (newest == NONE) {
            oldest = slot;
        } else {
            newer[newest] = slot;
        }
        newest = slot;
    }

    void checkInvariants() {
        int linked = 0;
        int last = NONE;
        for (int slot = newest; slot != NONE && linked <= size; slot = older[slot]) {
            Expect.holds(slot(keys[slot]) == slot, "place of a block", slot(keys[slot]), slot);
            Expect.holds(newer[slot] == last, "block before", newer[slot], last);
            last = slot;
            linked++;
        }
        Expect.holds(linked == size, "blocks in the order of use", linked, size);
        Expect.holds(oldest == last, "longest unused block", oldest, last);
    }
}
