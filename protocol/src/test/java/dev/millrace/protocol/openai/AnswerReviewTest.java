package dev.millrace.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerReviewTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> ids(String text, AnswerReview review) {
        byte[] bytes = bytes(text);
        return review.ids().stream()
                .map(span -> new String(bytes, span.from(), span.to() - span.from(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void aWholeAnswerSaysWhereItsIdIsAndHowEachChoiceEnded() {
        String text = "{\"id\":\"chatcmpl-é1\",\"choices\":[{\"index\":1,\"finish_reason\":\"length\"},"
                + "{\"index\":0,\"message\":{\"id\":\"inner\"},\"finish_reason\":\"stop\"}],\"usage\":{}}";

        AnswerReview review = AnswerReview.whole(bytes(text));

        assertThat(review.isEnded()).isTrue();
        assertThat(review.isError()).isFalse();
        assertThat(review.reasons()).containsExactly("stop", "length");
        assertThat(ids(text, review)).containsExactly("chatcmpl-é1");
    }

    @Test
    void aStreamIsReadEventByEvent() {
        String text = """
                data: {"id":"x1","choices":[{"index":0,"delta":{"content":"é"},"finish_reason":null}]}

                data: {"id":"x1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

                data: {"id":"x1","choices":[],"usage":{}}

                data: [DONE]

                """;

        AnswerReview review = AnswerReview.stream(bytes(text));

        assertThat(review.isEnded()).isTrue();
        assertThat(review.reasons()).containsExactly("stop");
        assertThat(ids(text, review)).containsExactly("x1", "x1", "x1");
    }

    @Test
    void whatIsNotWholeSaysSo() {
        String open = "data: {\"choices\":[{\"index\":0,\"finish_reason\":null}]}\n\n";

        assertThat(AnswerReview.whole(bytes("{\"id\":\"x\"")).isEnded()).isFalse();
        assertThat(AnswerReview.whole(bytes("{} x")).isEnded()).isFalse();
        assertThat(AnswerReview.whole(bytes("[]")).isEnded()).isFalse();
        assertThat(AnswerReview.whole(new byte[0]).isEnded()).isFalse();
        assertThat(AnswerReview.stream(new byte[0]).isEnded()).isFalse();
        assertThat(AnswerReview.stream(bytes(open)).isEnded()).isFalse();
        assertThat(AnswerReview.stream(bytes(open)).reasons()).containsExactly(AnswerReview.NO_REASON);
        assertThat(AnswerReview.stream(bytes(open + "data: [DONE]")).isEnded()).isFalse();
        assertThat(AnswerReview.stream(bytes(open + "data: [DONE]\n\ndata: {}\n\n"))
                        .isEnded())
                .isFalse();
        assertThat(AnswerReview.stream(bytes(": ping\n\n" + open + "data: [DONE]\n\n"))
                        .isEnded())
                .isFalse();
        assertThat(AnswerReview.stream(bytes("data: {\"error\":{}}\n\n")).isError())
                .isTrue();
        assertThat(AnswerReview.whole(bytes("{\"error\":null}")).isError()).isFalse();
    }
}
