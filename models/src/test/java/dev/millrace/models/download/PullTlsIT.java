package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The connection goes to an address that was looked up, the certificate must be for the name.
@Timeout(60)
class PullTlsIT {
    private static final byte[] CONTENT = Pages.content(50_000, 1);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path directory;

    private SSLContext tls;
    private FaultyServer server;

    @BeforeEach
    void start() throws Exception {
        tls = contextFor("good.test");
        server = new FaultyServer(
                        tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()))
                .page("/m.gguf", Pages.file(CONTENT));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private SSLContext contextFor(String name) throws Exception {
        Path file = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "one",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("one", keys.getCertificate("one"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private PullOutcome pull(String host, SSLSocketFactory factory) {
        String origin = "https://" + host + ":" + server.port();
        return new PullBench(directory, server.base())
                .allowing(origin)
                .lookup(name -> List.of(InetAddress.getLoopbackAddress()))
                .tls(factory)
                .pull(origin + "/m.gguf");
    }

    @Test
    void certificateForTheNameIsAcceptedThoughTheConnectionGoesToAnAddress() {
        assertThat(pull("good.test", tls.getSocketFactory())).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(server.requests().getFirst().field("host")).isEqualTo("good.test:" + server.port());
    }

    @Test
    void certificateForAnotherNameIsRefused() {
        PullOutcome outcome = pull("wrong.test", tls.getSocketFactory());

        assertThat(outcome).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
            assertThat(f.error()).isEqualTo(PullError.UPSTREAM_ERROR);
            assertThat(f.message()).startsWith("no trusted connection to wrong.test");
        });
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void certificateThatNobodyVouchesForIsRefused() {
        PullOutcome outcome = pull("good.test", (SSLSocketFactory) SSLSocketFactory.getDefault());

        assertThat(outcome.toString()).contains("no trusted connection to good.test");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void redirectFromHttpsToPlainHttpIsRefusedThoughItsOriginIsAllowed() {
        server.page("/m.gguf", Pages.redirect("http://plain.test:1/m.gguf"));
        String origin = "https://good.test:" + server.port();

        PullOutcome outcome = new PullBench(directory, server.base())
                .allowing(origin, "http://plain.test:1")
                .lookup(name -> List.of(InetAddress.getLoopbackAddress()))
                .tls(tls.getSocketFactory())
                .pull(origin + "/m.gguf");

        assertThat(outcome.toString()).contains("FORBIDDEN_ADDRESS", "redirects from https to plain http: refused");
    }
}
