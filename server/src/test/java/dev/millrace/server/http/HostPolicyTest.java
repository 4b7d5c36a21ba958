package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPolicyTest {
    private final HostPolicy policy = new HostPolicy("127.0.0.1", List.of("LLM.example"));
    private final HostPolicy anyHost = new HostPolicy("0.0.0.0", List.of("*"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:80",
                "127.0.0.1:8000",
                "127.9.9.9",
                "[::1]",
                "[::1]:8",
                "llm.example",
                "llm.example.:443"
            })
    void namesOfThisServerAreAllowed(String host) {
        assertThat(policy.allowsHost(host)).isTrue();
        assertThat(policy.allowsOrigin("http://" + host)).isTrue();
        assertThat(policy.allowsOrigin("https://" + host)).isTrue();
        assertThat(anyHost.allowsHost(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "evil.example",
                "localhost.evil",
                "evil-localhost",
                "localhost@evil",
                "localhost:80:80",
                "localhost:",
                "localhost:x",
                "127.0.0.1.evil",
                "1270.0.0.1",
                "[::2]",
                "[::1",
                "::1",
                "localhost/",
                "http://localhost",
                "localhost\u0000",
                "llm.example.evil",
                "*"
            })
    void everythingElseIsNot(String host) {
        assertThat(policy.allowsHost(host)).isFalse();
        assertThat(policy.allowsOrigin("http://" + host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "file://",
                "localhost",
                "http:localhost",
                "ftp://localhost",
                "http://localhost/x",
                "chrome-extension://localhost"
            })
    void originsNeedAScheme(String origin) {
        assertThat(policy.allowsOrigin(origin)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null"})
    void anyHostDoesNotMeanAnyOrigin(String origin) {
        assertThat(anyHost.allowsOrigin(origin)).isFalse();
    }
}
