package dev.millrace.models.download;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// One GET request that cannot be led astray. *Thread-safe.*
///
/// A name is resolved once, every address it has must be public, and the connection goes to one of just these
/// addresses;
/// TLS then proves that who answers there owns the name. That is why this speaks HTTP/1.1 itself over a socket instead
/// of
/// using `java.net.http.HttpClient`: that client resolves by itself, so a name could mean one thing when it is checked
/// and
/// another when it is connected to (DNS rebinding), and given a literal address it would check the certificate against
/// the
/// address and send no server name. A resolver provider would be the resolver of the whole process; looking at the peer
/// after connecting would be too late for a service that acts on a connection. The part of HTTP that a download needs
/// is
/// small: one request per connection, no cookies, no compression, no proxy, redirects only as described below.
///
/// Redirects (at most [#MAX_REDIRECTS]) go through the same checks as the first address, and never from https to http.
/// The
/// token is sent to the hub's own origin only. Messages name hosts, never whole addresses: those of a CDN are signed.
final class GuardedGet {
    static final int MAX_REDIRECTS = 5;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> TAKEN = Set.of(200, 206, 412, 416);
    private static final int MAX_ADDRESSES = 8;

    private final HostRules rules;
    private final @Nullable AccessToken token;
    private final PullLimits limits;
    private final Surroundings surroundings;

    GuardedGet(HostRules rules, @Nullable AccessToken token, PullLimits limits, Surroundings surroundings) {
        this.rules = rules;
        this.token = token;
        this.limits = limits;
        this.surroundings = surroundings;
    }

    /// Asks, follows redirects, and returns the response once its head is there: its status is 200, 206, 412 or 416.
    ///
    /// @param fields of the request, beyond the usual ones
    /// @throws Trouble for what may pass
    /// @throws PullException for what will not
    Reply get(URI address, Map<String, String> fields, StopSignal stop) throws PullException, Trouble {
        URI at = address;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            Reply reply = one(at, fields, stop);
            boolean kept = false;
            try {
                if (!REDIRECTS.contains(reply.head().status())) {
                    Answers.check(reply, Origin.of(at).equals(rules.hub()), token != null);
                    kept = true;
                    return reply;
                }
                at = target(at, reply.head().field("location"));
            } finally {
                if (!kept) {
                    reply.close();
                }
            }
        }
        throw new PullException(
                PullError.UPSTREAM_ERROR, "the source redirects more than " + MAX_REDIRECTS + " times: given up");
    }

    private static URI target(URI from, String location) throws PullException {
        if (location.isEmpty()) {
            throw new PullException(PullError.UPSTREAM_ERROR, from.getHost() + " redirects to nowhere");
        }
        URI to;
        try {
            to = Origin.parse(from.resolve(new URI(location)).toString());
        } catch (java.net.URISyntaxException e) {
            throw new PullException(PullError.UPSTREAM_ERROR, from.getHost() + " redirects to something malformed", e);
        } catch (PullException e) {
            throw new PullException(
                    e.error(), from.getHost() + " redirects where this does not follow: " + e.words(), e);
        }
        if (from.getScheme().equals("https") && to.getScheme().equals("http")) {
            throw new PullException(
                    PullError.FORBIDDEN_ADDRESS, from.getHost() + " redirects from https to plain http: refused");
        }
        return to;
    }

    private Reply one(URI at, Map<String, String> fields, StopSignal stop) throws PullException, Trouble {
        stop.check();
        rules.check(at);
        Origin origin = Origin.of(at);
        List<InetAddress> addresses = addresses(origin);
        Socket socket = null;
        Wire wire = null;
        boolean kept = false;
        try {
            socket = connect(origin, addresses, stop);
            wire = new Wire(socket, surroundings.clock());
            send(socket.getOutputStream(), at, origin, fields);
            Head head = finalHead(wire);
            Body body = Body.of(head, wire, limits.stall());
            stop.attach(wire);
            stop.detach(socket);
            kept = true;
            return new Reply(head, body, wire, origin.host(), stop);
        } catch (IOException e) {
            stop.check();
            throw Reply.translate(e, origin.host());
        } finally {
            if (!kept && socket != null) {
                stop.detach(socket);
                closeQuietly(socket);
            }
        }
    }

    private List<InetAddress> addresses(Origin origin) throws PullException, Trouble {
        List<InetAddress> addresses;
        try {
            addresses = surroundings.lookup().addresses(origin.host());
        } catch (UnknownHostException e) {
            throw new Trouble(Trouble.Kind.CONNECTION, "no address is known for " + origin.host(), Duration.ZERO, e);
        }
        if (!rules.mayBePrivate(origin)) {
            for (InetAddress address : addresses) {
                Optional<String> refusal = AddressRules.refusal(address);
                if (refusal.isPresent()) {
                    throw new PullException(
                            PullError.FORBIDDEN_ADDRESS,
                            origin.host() + " has an address that is not on the public internet (" + refusal.get()
                                    + "): refused");
                }
            }
        }
        return addresses;
    }

    private Socket connect(Origin origin, List<InetAddress> addresses, StopSignal stop)
            throws IOException, PullException {
        IOException last = new UnknownHostException(origin.host());
        for (InetAddress address : addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES))) {
            Socket socket = new Socket();
            stop.attach(socket);
            boolean kept = false;
            try {
                socket.connect(new InetSocketAddress(address, origin.port()), (int)
                        limits.connect().toMillis());
                socket.setTcpNoDelay(true);
                Socket ready = origin.scheme().equals("https") ? secured(socket, origin) : socket;
                stop.detach(socket);
                stop.attach(ready);
                kept = true;
                return ready;
            } catch (SSLException e) {
                stop.check();
                throw new PullException(
                        PullError.UPSTREAM_ERROR,
                        "no trusted connection to " + origin.host() + ": its certificate or its TLS is not accepted",
                        e);
            } catch (IOException e) {
                stop.check();
                last = e;
            } finally {
                if (!kept) {
                    stop.detach(socket);
                    closeQuietly(socket);
                }
            }
        }
        throw last;
    }

    private Socket secured(Socket plain, Origin origin) throws IOException {
        plain.setSoTimeout((int) limits.connect().toMillis());
        SSLSocket secure = (SSLSocket) surroundings.tls().get().createSocket(plain, origin.host(), origin.port(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private void send(OutputStream out, URI at, Origin origin, Map<String, String> fields) throws IOException {
        Map<String, String> all = new TreeMap<>(fields);
        boolean usual = origin.isUsualHttps() || (origin.scheme().equals("http") && origin.port() == 80);
        all.put("Host", usual ? origin.host() : origin.host() + ":" + origin.port());
        all.put("User-Agent", "millrace");
        all.put("Accept", "*/*");
        all.put("Accept-Encoding", "identity");
        all.put("Connection", "close");
        if (token != null && origin.equals(rules.hub())) {
            all.put("Authorization", "Bearer " + token.secret());
        }
        String question = at.getRawQuery() == null ? "" : "?" + at.getRawQuery();
        StringBuilder head = new StringBuilder("GET " + at.getRawPath() + question + " HTTP/1.1\r\n");
        all.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        // URI let only ASCII through where it is strict; anything else becomes a question mark, never a line end.
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /// Skips interim responses.
    private Head finalHead(Wire wire) throws IOException {
        for (int interim = 0; interim < MAX_REDIRECTS; interim++) {
            Head head = Head.parse(wire.head(limits.head()));
            if (head.status() >= 200) {
                return head;
            }
        }
        throw new Trouble(Trouble.Kind.CONNECTION, "the source sent no final answer");
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It was of no use anyway.
        }
    }

    /// Statuses that are an answer to work with.
    static boolean isTaken(int status) {
        return TAKEN.contains(status);
    }
}
