package dev.millrace.engine.text;

import java.util.Arrays;

/// Turns the bytes of generated tokens into text that may be shown. *Confined to the engine thread.*
///
/// What is released is always valid UTF-8 and never a part of a stop string. Held back are an incomplete
/// character (at most 3 bytes) and the longest end of the text that may still become a stop string. One object
/// serves one sequence after another: [#reset] may allocate, [#append] and [#finish] do not once the buffer has
/// grown to the size of the largest token.
///
/// Invalid bytes become U+FFFD exactly as `new String(bytes, UTF_8)` replaces them, no matter how the bytes are
/// divided into tokens. The stop that counts is the one **completed first**; of several completed by the same
/// character the longest, which is the one that begins first. So the result does not depend on token borders
/// either.
///
/// ```java
/// text.reset(new byte[][] {"END".getBytes(UTF_8)});
/// boolean stopped = text.append(tokenBytes, true);
/// write(text.released(), 0, text.releasedLength());
/// ```
public final class OutputText {
    private static final int NO_STOP = -1;
    private static final int INITIAL_CAPACITY = 256;

    private final Utf8Repair utf8 = new Utf8Repair();
    private StopMatcher[] stops = {};
    private int stopCount;

    private byte[] buffer = new byte[INITIAL_CAPACITY];
    private int released;
    private int size;
    private int matchedStop = NO_STOP;
    private boolean mayStop = true;

    /// A text without stop strings; the same as after [#reset] with none.
    public OutputText() {}

    /// Starts a new text.
    ///
    /// @param stopStrings UTF-8 bytes of the stop strings, none empty
    public void reset(byte[][] stopStrings) {
        utf8.reset();
        if (stops.length < stopStrings.length) {
            stops = Arrays.copyOf(stops, stopStrings.length);
        }
        for (int i = 0; i < stopStrings.length; i++) {
            stops[i] = new StopMatcher(stopStrings[i]);
        }
        Arrays.fill(stops, stopStrings.length, stops.length, null);
        stopCount = stopStrings.length;
        released = 0;
        size = 0;
        matchedStop = NO_STOP;
        mayStop = true;
    }

    /// Takes the bytes of the next token; after a stop string was found, takes no more.
    ///
    /// @param mayStop false while the answer must go on: everything complete is released unseen, so that a stop
    ///     string matches only if all its characters were completed by tokens that may stop
    /// @return true if a stop string is complete: the text before it is released, the rest is gone
    public boolean append(byte[] tokenBytes, boolean mayStop) {
        if (matchedStop != NO_STOP) {
            released = 0;
            return true;
        }
        this.mayStop = mayStop;
        keepHeldOnly();
        for (byte b : tokenBytes) {
            utf8.next(b);
            if (take()) {
                return true;
            }
        }
        released = size - heldForStops();
        return false;
    }

    /// Ends the text: everything held back is released, an incomplete character as U+FFFD (which may, like any
    /// other character, complete a stop string).
    public void finish() {
        if (matchedStop != NO_STOP) {
            released = 0;
            return;
        }
        keepHeldOnly();
        utf8.end();
        if (!take()) {
            released = size;
        }
    }

    /// Memory whose first [#releasedLength] bytes were released by the last call; valid until the next one.
    public byte[] released() {
        return buffer;
    }

    /// How many bytes the last call released: whole characters, 0 or more.
    public int releasedLength() {
        return released;
    }

    /// Index of the stop string found, or -1.
    public int matchedStop() {
        return matchedStop;
    }

    private void keepHeldOnly() {
        if (released > 0) {
            System.arraycopy(buffer, released, buffer, 0, size - released);
            size -= released;
            released = 0;
        }
    }

    /// Moves what the UTF-8 filter let through to the buffer.
    private boolean take() {
        byte[] bytes = utf8.bytes();
        int count = utf8.count();
        for (int i = 0; i < count; i++) {
            if (size == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * size);
            }
            buffer[size++] = bytes[i];
            if (matches(bytes[i])) {
                return true;
            }
        }
        return false;
    }

    private boolean matches(byte b) {
        int longest = 0;
        for (int i = 0; i < stopCount; i++) {
            StopMatcher stop = stops[i];
            if (!mayStop) {
                stop.forget();
            } else if (stop.next(b) && stop.length() > longest) {
                longest = stop.length();
                matchedStop = i;
            }
        }
        if (longest == 0) {
            return false;
        }
        released = size - longest;
        size = 0;
        return true;
    }

    private int heldForStops() {
        int held = 0;
        for (int i = 0; i < stopCount; i++) {
            held = Math.max(held, stops[i].progress());
        }
        return held;
    }
}
