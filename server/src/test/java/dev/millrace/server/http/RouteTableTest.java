package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.RouteTable.Match;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final Route.RouteHandler NOTHING = (request, id, tail) -> {};
    private static final Route LIST = new Route(HttpMethod.GET, "/v1/models", NOTHING);
    private static final Route ONE = new Route(HttpMethod.GET, "/v1/models/", NOTHING);
    private static final Route REMOVE = new Route(HttpMethod.DELETE, "/v1/models/", NOTHING);
    private final RouteTable table = new RouteTable(List.of(LIST, ONE, REMOVE));

    @Test
    void exactPathsAndTailsAreFound() {
        assertThat(table.find(HttpMethod.GET, "/v1/models")).isEqualTo(new Match.Found(LIST, ""));
        assertThat(table.find(HttpMethod.GET, "/v1/models/a/b%2Fc")).isEqualTo(new Match.Found(ONE, "a/b%2Fc"));
    }

    @Test
    void otherMethodsAreToldWhichOnesThereAre() {
        assertThat(table.find(HttpMethod.POST, "/v1/models/a")).isEqualTo(new Match.OtherMethod("DELETE, GET"));
        assertThat(table.find(HttpMethod.POST, "/v1/models")).isEqualTo(new Match.OtherMethod("GET"));
    }

    @Test
    void everyOtherSpellingIsMissing() {
        for (String path :
                List.of("", "/", "/v1", "/v1/models/", "//v1/models", "/V1/models", "/v1/models;a", "v1/models")) {
            assertThat(table.find(HttpMethod.GET, path)).as(path).isEqualTo(new Match.Missing());
        }
    }
}
