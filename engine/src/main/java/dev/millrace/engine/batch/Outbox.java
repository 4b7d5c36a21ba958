package dev.millrace.engine.batch;

import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.TokenLogprob;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The bounded ring between one thread that fills it, an engine's or a connection's, and one consumer, who
/// empties it. Filling allocates
/// nothing once the entries have grown to the usual token length: strings and events are made by the
/// consumer. *Thread-safe* for one of each.
///
/// ## Order
/// Tokens come out in the order they went in; the terminal event is written after the last token and read
/// before the ring is found empty, so it always comes last. Progress is one cell that newer progress
/// overwrites.
///
/// ## Wake-ups
/// The consumer is called only after [#poll] returned `null`. It sets [#asleep] and then looks again; the
/// producer publishes and then clears it. All of these are volatile accesses, for release and acquire would
/// let each side's read pass its own write; so whichever comes second sees the other, and no wake-up is lost.
public final class Outbox {
    /// Tokens a consumer may be behind before its sequence is paused.
    public static final int CAPACITY = 32;

    private static final int INITIAL_ENTRY_BYTES = 16;

    private final Runnable onAvailable;
    private final int[] tokenIds = new int[CAPACITY];
    private final byte[][] texts = new byte[CAPACITY][INITIAL_ENTRY_BYTES];
    private final int[] textLengths = new int[CAPACITY];
    private final @Nullable TokenLogprob[] logprobs = new TokenLogprob[CAPACITY];
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private final AtomicReference<@Nullable GenerationEvent> progress = new AtomicReference<>();
    private final AtomicReference<@Nullable Terminal> terminal = new AtomicReference<>();
    private final AtomicBoolean asleep = new AtomicBoolean(true);
    private int pendingBytes;
    private boolean ended;

    /// @param onAvailable called by the filling thread when [#poll] has something again after it returned
    ///     `null`
    public Outbox(Runnable onAvailable) {
        this.onAvailable = onAvailable;
    }

    // --- Engine side

    /// Says how far the request is; newer progress replaces what was not read.
    public void progress(GenerationEvent event) {
        progress.set(event);
        wake();
    }

    /// Adds text to the token that [#token] will publish; may be called more than once for it.
    public void text(byte[] text, int length) {
        int entry = (int) (written.getPlain() % CAPACITY);
        int before = pendingBytes;
        if (texts[entry].length < before + length) {
            texts[entry] = Arrays.copyOf(texts[entry], before + length);
        }
        System.arraycopy(text, 0, texts[entry], before, length);
        pendingBytes = before + length;
    }

    /// Publishes a token with the text added since the last one; there must be room.
    public void token(int tokenId, @Nullable TokenLogprob logprob) {
        long position = written.getPlain();
        int entry = (int) (position % CAPACITY);
        textLengths[entry] = pendingBytes;
        pendingBytes = 0;
        tokenIds[entry] = tokenId;
        logprobs[entry] = logprob;
        written.set(position + 1);
        wake();
    }

    /// True if nothing more may be published until the consumer reads.
    public boolean isFull() {
        return backlog() >= CAPACITY;
    }

    /// Ends the stream; only the first call counts.
    public boolean end(Terminal event) {
        boolean first = terminal.compareAndSet(null, event);
        if (first) {
            wake();
        }
        return first;
    }

    /// True once the terminal event was written.
    public boolean isEnded() {
        return terminal.get() != null;
    }

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            onAvailable.run();
        }
    }

    // --- Consumer side

    /// The next event, or `null` if there is none now; see [dev.millrace.engine.Generation#poll].
    public @Nullable GenerationEvent poll() {
        GenerationEvent event = next();
        if (event == null && !ended) {
            asleep.set(true);
            event = next();
            if (event != null) {
                asleep.set(false);
            }
        }
        return event;
    }

    /// Entries not read yet, as either side sees it.
    public int backlog() {
        return (int) (written.get() - read.get());
    }

    private @Nullable GenerationEvent next() {
        if (ended) {
            return null;
        }
        Terminal last = terminal.get();
        GenerationEvent step = progress.get() == null ? null : progress.getAndSet(null);
        if (step != null) {
            return step;
        }
        if (backlog() > 0) {
            return nextToken();
        }
        ended = last != null;
        return last;
    }

    private Token nextToken() {
        long position = read.getPlain();
        int entry = (int) (position % CAPACITY);
        String text = new String(texts[entry], 0, textLengths[entry], StandardCharsets.UTF_8);
        Token token = new Token(tokenIds[entry], text, logprobs[entry]);
        logprobs[entry] = null;
        read.set(position + 1);
        return token;
    }
}
