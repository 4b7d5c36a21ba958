package dev.millrace.engine.schedule;

import java.util.Arrays;

/// Who holds which cell of the KV cache. *Confined to the engine thread.*
///
/// Every position of a slot lies in one cell; a cell may be shared by several slots whose first tokens are equal. A
/// slot is *live* (a sequence runs in it) or *kept* (only for reuse); cells without a live holder can be reclaimed.
///
/// Law: `free + used == total`, and a cell's holder counts are the number of slots that list it.
final class KvCells {
    private final int total;
    private final int[] free;
    private int freeCount;
    private final int[] holders;
    private final int[] liveHolders;
    private int liveCells;
    private final int[][] cellsOf;
    private final int[] lengthOf;
    private final boolean[] live;

    KvCells(int total, int slots) {
        this.total = total;
        free = new int[total];
        for (int i = 0; i < total; i++) {
            free[i] = total - 1 - i;
        }
        freeCount = total;
        holders = new int[total];
        liveHolders = new int[total];
        cellsOf = new int[slots][0];
        lengthOf = new int[slots];
        live = new boolean[slots];
    }

    int total() {
        return total;
    }

    int free() {
        return freeCount;
    }

    int used() {
        return total - freeCount;
    }

    /// Cells that no running sequence needs.
    int reclaimable() {
        return used() - liveCells;
    }

    int length(int slot) {
        return lengthOf[slot];
    }

    /// Sizes the slot's list once, so that appending single tokens later allocates nothing.
    void reserve(int slot, int tokens) {
        if (cellsOf[slot].length < tokens) {
            cellsOf[slot] = Arrays.copyOf(cellsOf[slot], tokens);
        }
    }

    /// Takes `tokens` free cells for the slot.
    void append(int slot, int tokens) {
        if (tokens > freeCount) {
            // Not by check(): its message would be built for every token.
            throw new IllegalStateException("kv cells: " + tokens + " wanted (expected: <= " + freeCount + " free)");
        }
        int length = lengthOf[slot];
        reserve(slot, length + tokens);
        int[] cells = cellsOf[slot];
        for (int i = 0; i < tokens; i++) {
            int cell = free[--freeCount];
            cells[length + i] = cell;
            hold(cell, live[slot]);
        }
        lengthOf[slot] = length + tokens;
    }

    /// Lets the empty slot `to` share the first cells of `from`.
    void share(int from, int to, int tokens) {
        check(lengthOf[to] == 0, "slot " + to + " holds " + lengthOf[to] + " cells (expected: 0)");
        check(tokens <= lengthOf[from], "shared " + tokens + " (expected: <= " + lengthOf[from] + ")");
        reserve(to, tokens);
        System.arraycopy(cellsOf[from], 0, cellsOf[to], 0, tokens);
        for (int i = 0; i < tokens; i++) {
            hold(cellsOf[to][i], live[to]);
        }
        lengthOf[to] = tokens;
    }

    /// Gives back the slot's cells from `length` on.
    void truncate(int slot, int length) {
        for (int i = length; i < lengthOf[slot]; i++) {
            release(cellsOf[slot][i], live[slot]);
        }
        lengthOf[slot] = Math.min(length, lengthOf[slot]);
    }

    /// Marks the slot as running, or as kept for reuse only.
    void setLive(int slot, boolean becomesLive) {
        if (live[slot] == becomesLive) {
            return;
        }
        live[slot] = becomesLive;
        for (int i = 0; i < lengthOf[slot]; i++) {
            int cell = cellsOf[slot][i];
            if (becomesLive) {
                addLiveHolder(cell);
            } else {
                dropLiveHolder(cell);
            }
        }
    }

    private void hold(int cell, boolean byLive) {
        holders[cell]++;
        if (byLive) {
            addLiveHolder(cell);
        }
    }

    private void release(int cell, boolean byLive) {
        if (byLive) {
            dropLiveHolder(cell);
        }
        if (--holders[cell] == 0) {
            free[freeCount++] = cell;
        }
    }

    private void addLiveHolder(int cell) {
        if (liveHolders[cell]++ == 0) {
            liveCells++;
        }
    }

    private void dropLiveHolder(int cell) {
        if (--liveHolders[cell] == 0) {
            liveCells--;
        }
    }

    /// @throws IllegalStateException if the accounts do not add up
    void checkInvariants() {
        int[] counted = new int[total];
        int[] countedLive = new int[total];
        for (int slot = 0; slot < lengthOf.length; slot++) {
            for (int i = 0; i < lengthOf[slot]; i++) {
                counted[cellsOf[slot][i]]++;
                countedLive[cellsOf[slot][i]] += live[slot] ? 1 : 0;
            }
        }
        check(Arrays.equals(counted, holders), "kv cells: holder counts differ from the slots' lists");
        check(Arrays.equals(countedLive, liveHolders), "kv cells: live holder counts differ from the slots' lists");
        long held = Arrays.stream(counted).filter(c -> c > 0).count();
        long heldLive = Arrays.stream(countedLive).filter(c -> c > 0).count();
        check(
                held + freeCount == total,
                "kv cells: " + freeCount + " free + " + held + " held (expected: " + total + ")");
        check(heldLive == liveCells, "kv cells: " + liveCells + " live (expected: " + heldLive + ")");
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }
}
