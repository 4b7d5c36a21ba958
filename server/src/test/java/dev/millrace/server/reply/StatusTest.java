package dev.millrace.server.reply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCategory;
import dev.millrace.core.error.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusTest {
    @ParameterizedTest
    @EnumSource
    void clientMistakesAreNeverServerErrorsAndTheOtherWayRound(ErrorCode code) {
        int status = Status.of(code);

        if (code.category() == ErrorCategory.CLIENT) {
            assertThat(status).isBetween(400, 499);
        } else {
            assertThat(status == 429 || status >= 500).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyLackOfRoomIsWorthAnotherTry(ErrorCode code) {
        if (Status.isWorthRetrying(code)) {
            assertThat(code.category()).isEqualTo(ErrorCategory.CAPACITY);
            assertThat(Status.of(code)).isIn(429, 503, 504);
        }
    }
}
