package dev.millrace.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AsyncAppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/// The log of this process, on standard error. `MILLRACE_LOG` in the environment wins over any level set here.
public final class Logs {
    private static final String SERVER_PATTERN =
            "%level %replace(%msg){'[\\r\\n\\t]+', ' '}%replace(%ex){'\\s*[\\r\\n]+\\s*', ' | '}%nopex%n";

    private Logs() {}

    /// How much is logged. Without any wish only errors are: most commands' work is not serving.
    public enum Detail {
        /// One line per request.
        NORMAL,
        /// Everything of ours.
        VERBOSE
    }

    /// Logs at least this much from now on.
    public static void atLeast(Console console, Detail detail) {
        Level level = switch (detail) {
            case NORMAL -> Level.INFO;
            case VERBOSE -> Level.DEBUG;
        };
        if (console.environment().getOrDefault("MILLRACE_LOG", "").isEmpty()
                && LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                && !root.isEnabledFor(level)) {
            root.setLevel(level);
        }
    }

    /// Writes one JSON object per line from now on.
    public static void asJson() {
        encode(context -> {
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context);
            encoder.start();
            return encoder;
        });
    }

    /// Writes level and text only from now on: the server that reads this log adds the time.
    public static void forServer() {
        encode(context -> {
            PatternLayoutEncoder encoder = new PatternLayoutEncoder();
            encoder.setContext(context);
            encoder.setCharset(StandardCharsets.UTF_8);
            encoder.setPattern(SERVER_PATTERN);
            encoder.start();
            return encoder;
        });
    }

    private static void encode(Function<LoggerContext, Encoder<ILoggingEvent>> encoders) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.iteratorForAppenders().forEachRemaining(appender -> {
            if (appender instanceof AsyncAppenderBase<ILoggingEvent> async) {
                async.iteratorForAppenders().forEachRemaining(inner -> {
                    if (inner instanceof ConsoleAppender<ILoggingEvent> console) {
                        console.setEncoder(encoders.apply(context));
                    }
                });
            }
        });
    }
}
