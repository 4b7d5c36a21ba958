package dev.millrace.models.download;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;

/// A response whose head was read. *Confined to one thread*; closing it from another ends a read.
record Reply(Head head, Body body, Wire wire, String host, StopSignal stop) implements Closeable {
    /// Reads at least one byte; -1 at the end of the body.
    int read(byte[] target, int length) throws Trouble {
        try {
            return body.read(target, length);
        } catch (Trouble e) {
            throw e;
        } catch (IOException e) {
            throw translate(e, host);
        }
    }

    /// What an exception of a connection means.
    static Trouble translate(IOException e, String host) {
        return switch (e) {
            case Trouble trouble -> trouble;
            case SocketTimeoutException timeout ->
                new Trouble(Trouble.Kind.STALL, host + " sent nothing for too long", java.time.Duration.ZERO, timeout);
            default ->
                new Trouble(
                        Trouble.Kind.CONNECTION, "the connection to " + host + " broke", java.time.Duration.ZERO, e);
        };
    }

    @Override
    public void close() {
        stop.detach(wire);
        try {
            wire.close();
        } catch (IOException e) {
            // What was wanted of it was read.
        }
    }
}
