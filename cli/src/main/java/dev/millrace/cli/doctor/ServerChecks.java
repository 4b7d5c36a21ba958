package dev.millrace.cli.doctor;

import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Looks at what a server would need: the port, the demo model.
final class ServerChecks {
    private static final int SHOWN_DIGITS = 12;

    private ServerChecks() {}

    static Diagnosis port(URI address) throws InterruptedException {
        try (ServerClient client = new ServerClient(address)) {
            return switch (client.state()) {
                case ServerState.Silent _ -> Diagnosis.good("Port " + address.getPort(), "free");
                case ServerState.Ready _ ->
                    Diagnosis.good("Port " + address.getPort(), "a Millrace server answers there and is ready");
                case ServerState.NotReady notReady ->
                    Diagnosis.weak(
                            "Port " + address.getPort(),
                            "a server answers there and is not ready: " + notReady.detail(),
                            "Wait until its model is loaded, or see its log");
                case ServerState.Stranger stranger ->
                    Diagnosis.bad(
                            "Port " + address.getPort(),
                            "taken by another program: " + stranger.detail(),
                            "Stop it, or serve elsewhere: millrace serve --port " + (address.getPort() + 1));
            };
        }
    }

    static Diagnosis demoModel(Path file) {
        if (!Files.isRegularFile(file)) {
            return Diagnosis.bad(
                    "Demo model",
                    "not at " + file,
                    "Unpack the distribution again, or in a checkout: git checkout tools/demo-model && ./millrace --version");
        }
        try {
            String digest = sha256(file);
            Path expectedFile = file.resolveSibling(file.getFileName() + ".sha256");
            String expected = Files.exists(expectedFile) ? firstWord(Files.readString(expectedFile)) : digest;
            String detail = file + ", sha256 " + digest.substring(0, SHOWN_DIGITS) + "…";
            return digest.equals(expected)
                    ? Diagnosis.good("Demo model", detail)
                    : Diagnosis.bad(
                            "Demo model",
                            detail + ", expected " + expected.substring(0, SHOWN_DIGITS) + "…",
                            "The file is damaged: unpack or check it out again");
        } catch (IOException e) {
            return Diagnosis.bad("Demo model", file + " cannot be read: " + e.getMessage(), "Make it readable");
        }
    }

    private static String firstWord(String text) {
        return new java.util.StringTokenizer(text).nextToken();
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
