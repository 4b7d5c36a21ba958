package dev.millrace.testing.upstream;

import dev.millrace.core.time.NanoClock;
import dev.millrace.testing.upstream.HttpReader.Incoming;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// One connection: reads a request, takes the steps of its scene, and so on until either side leaves. *Confined to the
/// connection's thread.*
final class Conversation {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    // Closing with unread bytes, or being sent more, turns the end into a reset that may overtake what was sent.
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Socket socket;
    private final int connectionIndex;
    private final Inbox inbox;
    private final OutputStream out;
    private final Program program;
    private final Ledger ledger;

    Conversation(Socket socket, int connectionIndex, Program program, Ledger ledger) throws IOException {
        this.socket = socket;
        this.connectionIndex = connectionIndex;
        this.inbox = new Inbox(socket, NanoClock.SYSTEM);
        this.out = socket.getOutputStream();
        this.program = program;
        this.ledger = ledger;
    }

    /// What to play for which request.
    interface Program {
        Scene scripted(SeenRequest request);

        /// The scenes of GET requests by path, without a query.
        Map<String, Scene> pages();
    }

    private enum Outcome {
        GOES_ON,
        ENDED,
        CLIENT_GONE
    }

    void run() throws IOException {
        HttpReader reader = new HttpReader(inbox, () -> out.write(CONTINUE));
        for (int number = 0; ; number++) {
            inbox.untimed();
            Incoming incoming = reader.next();
            if (incoming == null || !answer(incoming, number)) {
                return;
            }
            if (incoming.closes()) {
                finish();
                return;
            }
        }
    }

    /// @return whether the connection goes on
    private boolean answer(Incoming incoming, int number) throws IOException {
        if (!incoming.method().equals("POST")) {
            SeenRequest request = seen(incoming, number).apply(ledger.page());
            return take(page(request).steps(request)) == Outcome.GOES_ON;
        }
        SeenRequest request = ledger.enter(seen(incoming, number)::apply);
        Outcome outcome = Outcome.CLIENT_GONE;
        try {
            outcome = take(program.scripted(request).steps(request));
        } finally {
            // This side closes sockets only as a whole, when nobody asks any more who left whom.
            ledger.leave(request, outcome == Outcome.CLIENT_GONE && !socket.isClosed());
        }
        return outcome == Outcome.GOES_ON;
    }

    private Scene page(SeenRequest request) {
        String path = request.path().split("\\?", 2)[0];
        Scene page = program.pages().get(path);
        return page != null ? page : Scene.error(404, "invalid_request_error", "not_found", "no such page");
    }

    private Function<Integer, SeenRequest> seen(Incoming incoming, int number) {
        Asked asked = Asked.of(incoming.bodyText());
        return index -> new SeenRequest(
                index,
                connectionIndex,
                number,
                incoming.method(),
                incoming.path(),
                Map.copyOf(incoming.headers()),
                incoming.bodyText(),
                asked);
    }

    private Outcome take(List<Step> steps) throws IOException {
        for (Step step : steps) {
            Outcome outcome = switch (step) {
                case Step.Send send -> send(send.bytes());
                case Step.Pause pause -> inbox.leavesWithin(pause.time()) ? Outcome.CLIENT_GONE : Outcome.GOES_ON;
                case Step.End end -> end(end);
            };
            if (outcome != Outcome.GOES_ON) {
                return outcome;
            }
        }
        return Outcome.GOES_ON;
    }

    private Outcome send(byte[] bytes) {
        try {
            out.write(bytes);
            return Outcome.GOES_ON;
        } catch (IOException e) {
            return Outcome.CLIENT_GONE;
        }
    }

    private Outcome end(Step.End end) throws IOException {
        switch (end) {
            case STALL -> {
                inbox.awaitLeaving();
                return Outcome.CLIENT_GONE;
            }
            case FIN -> finish();
            case RESET -> {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
        return Outcome.ENDED;
    }

    private void finish() throws IOException {
        socket.shutdownOutput();
        inbox.drain(LINGER);
    }
}
