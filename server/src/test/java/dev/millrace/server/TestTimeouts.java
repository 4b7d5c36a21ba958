package dev.millrace.server;

import dev.millrace.server.config.TimeoutConfig;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// Timeouts of which a test changes some.
record TestTimeouts(
        Duration header,
        Duration connection,
        Duration firstToken,
        Duration idle,
        Duration total,
        Duration slowReader,
        Duration heartbeat,
        Duration lameDuck) {
    static TimeoutConfig with(UnaryOperator<TestTimeouts> change) {
        var t = change.apply(new TestTimeouts(
                TestServer.TIMEOUTS.header(),
                TestServer.TIMEOUTS.connection(),
                TestServer.TIMEOUTS.firstToken(),
                TestServer.TIMEOUTS.idle(),
                TestServer.TIMEOUTS.total(),
                TestServer.TIMEOUTS.slowReader(),
                TestServer.TIMEOUTS.heartbeat(),
                TestServer.TIMEOUTS.lameDuck()));
        return new TimeoutConfig(
                t.header,
                t.connection,
                t.firstToken,
                t.idle,
                t.total,
                t.slowReader,
                t.heartbeat,
                Duration.ofSeconds(30),
                t.lameDuck);
    }

    TestTimeouts header(Duration value) {
        return new TestTimeouts(value, connection, firstToken, idle, total, slowReader, heartbeat, lameDuck);
    }

    TestTimeouts connection(Duration value) {
        return new TestTimeouts(header, value, firstToken, idle, total, slowReader, heartbeat, lameDuck);
    }

    TestTimeouts firstToken(Duration value) {
        return new TestTimeouts(header, connection, value, idle, total, slowReader, heartbeat, lameDuck);
    }

    TestTimeouts idle(Duration value) {
        return new TestTimeouts(header, connection, firstToken, value, total, slowReader, heartbeat, lameDuck);
    }

    TestTimeouts total(Duration value) {
        return new TestTimeouts(header, connection, firstToken, idle, value, slowReader, heartbeat, lameDuck);
    }

    TestTimeouts slowReader(Duration value) {
        return new TestTimeouts(header, connection, firstToken, idle, total, value, heartbeat, lameDuck);
    }

    TestTimeouts heartbeat(Duration value) {
        return new TestTimeouts(header, connection, firstToken, idle, total, slowReader, value, lameDuck);
    }

    TestTimeouts lameDuck(Duration value) {
        return new TestTimeouts(header, connection, firstToken, idle, total, slowReader, heartbeat, value);
    }
}
