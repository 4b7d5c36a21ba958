package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Attempts to make a pull speak to something it should not speak to.
@Timeout(60)
class PullAddressIT {
    private static final byte[] CONTENT = Pages.content(50_000, 1);

    @TempDir
    Path directory;

    private FaultyServer server;
    private FaultyServer cdn;
    private PullBench bench;
    private final List<String> looked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new FaultyServer();
        cdn = new FaultyServer();
        bench = new PullBench(directory, server.base());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        cdn.close();
    }

    private HostLookup answering(String... addresses) {
        return host -> {
            looked.add(host);
            List<InetAddress> found = new ArrayList<>();
            for (String address : addresses) {
                found.add(InetAddress.ofLiteral(address));
            }
            return found;
        };
    }

    private void assertForbidden(PullOutcome outcome, String... words) {
        assertThat(outcome).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
            assertThat(f.error()).isEqualTo(PullError.FORBIDDEN_ADDRESS);
            assertThat(f.message()).contains(words);
        });
        assertThat(bench.landed).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, loopback",
        "10.1.2.3, private",
        "172.31.0.1, private",
        "192.168.1.1, private",
        "169.254.169.254, link-local or a cloud's metadata service",
        "168.63.129.16, a cloud's metadata service",
        "100.100.100.200, private (shared address space)",
        "0.0.0.0, unspecified",
        "224.0.0.1, multicast",
        "::1, 'loopback, mapped or reserved'",
        "::ffff:127.0.0.1, loopback",
        "fd00:ec2::254, private (unique local)",
        "fe80::1, link-local",
        "ff02::1, multicast",
        "64:ff9b::a00:1, 'loopback, mapped or reserved'",
        "2002:7f00:1::, a tunnel to an IPv4 address"
    })
    void nameThatPointsInsideIsRefused(String address, String why) {
        PullOutcome outcome =
                bench.allowing("evil.test").lookup(answering(address)).pull("https://evil.test/m.gguf");

        assertForbidden(outcome, "evil.test has an address that is not on the public internet (" + why + "): refused");
    }

    @Test
    void nameWithOnePrivateAddressAmongPublicOnesIsRefused() {
        PullOutcome outcome = bench.allowing("evil.test")
                .lookup(answering("8.8.8.8", "10.0.0.1"))
                .pull("https://evil.test/m.gguf");

        assertForbidden(outcome, "not on the public internet (private)");
    }

    @Test
    void nameIsResolvedOnceForEachConnection() {
        server.page("/m.gguf", Pages.file(CONTENT));
        HostLookup onceThenElsewhere = host -> {
            looked.add(host);
            if (looked.size() % 2 == 0) {
                throw new UnknownHostException("asked twice for one connection");
            }
            return List.of(InetAddress.getLoopbackAddress());
        };

        PullOutcome outcome = bench.with(new PullSettings(
                        directory.resolve("partial"),
                        server.base(),
                        List.of("http://named.test:" + server.port()),
                        null,
                        1,
                        PullSettings.DEFAULT_MAX_SIZE,
                        PullBench.LIMITS))
                .lookup(onceThenElsewhere)
                .pull("http://named.test:" + server.port() + "/m.gguf");

        // Every second lookup fails, and is one that a retry repeats: requests and odd lookups must be the same number.
        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(server.requests()).hasSize((looked.size() + 1) / 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org/m.gguf",
                "https://huggingface.co.evil.test/m.gguf",
                "https://2130706433/m.gguf"
            })
    void unknownHostIsRefusedWithTheRemedy(String reference) {
        PullOutcome outcome = bench.lookup(answering("8.8.8.8")).pull(reference);

        assertForbidden(
                outcome,
                "is not on the list of allowed hosts",
                "--allow-host " + URI.create(reference).getHost());
        assertThat(looked).isEmpty();
    }

    @Test
    void plainHttpIsRefusedUnlessItsOriginIsAllowed() {
        assertForbidden(
                bench.allowing("mirror.test").pull("http://mirror.test/m.gguf"),
                "plain http to http://mirror.test is not allowed",
                "--allow-host http://mirror.test");
    }

    @Test
    void otherPortIsRefused() {
        assertForbidden(
                bench.allowing("mirror.test").pull("https://mirror.test:8443/m.gguf"),
                "port 8443 of mirror.test is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://user:pw@mirror.test/m.gguf", "https://mirror.test@evil.test/m.gguf"})
    void userNameInAnAddressIsRefusedAndNotRepeated(String reference) {
        PullOutcome outcome = bench.pull(reference);

        assertForbidden(outcome, "must not hold a user name or a password");
        assertThat(outcome.toString()).doesNotContain("pw@");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://mirror.test/m.gguf", "jar://x/m.gguf"})
    void otherSchemeIsRefused(String reference) {
        assertForbidden(bench.pull(reference), "only https addresses are fetched");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://mirror.test\\@evil.test/m",
                "https://mirror.test/\u0001",
                "https://mirror.test/a b",
                "https://",
                "https://a_b.test/m",
                "https://mirror.test./m",
                "https://[::1/m"
            })
    void malformedAddressIsRefused(String reference) {
        assertThat(bench.pull(reference))
                .isInstanceOfSatisfying(
                        PullOutcome.Failed.class,
                        f -> assertThat(f.error()).isIn(PullError.INVALID_REFERENCE, PullError.FORBIDDEN_ADDRESS));
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void redirectToAnAllowedHostIsFollowed() {
        server.page("/m.gguf", Pages.redirect(cdn.base() + "/real?signature=secret"));
        cdn.page("/real?signature=secret", Pages.file(CONTENT));

        PullOutcome outcome = bench.allowing(cdn.base().toString()).pull(server.base() + "/m.gguf");

        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
    }

    @Test
    void redirectToAnotherHostIsRefusedAndItsSignatureNotRepeated() {
        server.page("/m.gguf", Pages.redirect("https://evil.test/real?signature=secret"));

        PullOutcome outcome = bench.pull(server.base() + "/m.gguf");

        assertForbidden(outcome, "host evil.test is not on the list of allowed hosts");
        assertThat(outcome.toString()).doesNotContain("secret");
    }

    @Test
    void redirectToAPrivateAddressIsRefused() {
        server.page("/m.gguf", Pages.redirect("https://cdn.test/x"));

        PullOutcome outcome = bench.allowing("cdn.test")
                .lookup(host -> host.equals("cdn.test")
                        ? List.of(InetAddress.ofLiteral("169.254.169.254"))
                        : List.of(InetAddress.getLoopbackAddress()))
                .pull(server.base() + "/m.gguf");

        assertForbidden(outcome, "cdn.test has an address that is not on the public internet");
    }

    @Test
    void redirectToTheMetadataServiceByHttpIsRefused() {
        server.page("/m.gguf", Pages.redirect("http://169.254.169.254/latest/meta-data/"));

        assertForbidden(bench.pull(server.base() + "/m.gguf"), "plain http to http://169.254.169.254 is not allowed");
    }

    @Test
    void redirectToAnotherSchemeIsRefused() {
        server.page("/m.gguf", Pages.redirect("file:///etc/passwd"));

        assertForbidden(bench.pull(server.base() + "/m.gguf"), "redirects where this does not follow");
    }

    @Test
    void redirectsInACircleEnd() {
        server.page("/m.gguf", Pages.redirect("/m.gguf"));

        assertThat(bench.pull(server.base() + "/m.gguf")).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
            assertThat(f.error()).isEqualTo(PullError.UPSTREAM_ERROR);
            assertThat(f.message()).contains("redirects more than 5 times");
        });
        assertThat(server.requests()).hasSize(6);
    }

    @Test
    void tokenGoesToTheHubOnly() {
        server.page("/m.gguf", Pages.redirect(cdn.base() + "/real"));
        cdn.page("/real", Pages.file(CONTENT));

        PullOutcome outcome =
                bench.allowing(cdn.base().toString()).token("hf_canary").pull(server.base() + "/m.gguf");

        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(server.requests()).allMatch(r -> r.field("authorization").equals("Bearer hf_canary"));
        assertThat(cdn.requests())
                .isNotEmpty()
                .allMatch(r -> r.field("authorization").isEmpty());
    }

    @Test
    void tokenIsHiddenInEveryTextForm() {
        PullSettings settings = new PullSettings(
                directory,
                PullSettings.HUGGING_FACE,
                List.of(),
                new AccessToken("hf_canary"),
                1,
                PullSettings.DEFAULT_MAX_SIZE,
                PullLimits.DEFAULT);

        assertThat(settings.toString()).doesNotContain("canary");
    }
}
