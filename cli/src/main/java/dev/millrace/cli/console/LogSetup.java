package dev.millrace.cli.console;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.hook.DefaultShutdownHook;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// How this process logs: one event, one line, key=value, on standard error. Logback finds this class by
/// itself, before it looks for files; a file would have an XML parser in every process, for a tenth of a
/// second of each start.
///
/// The appender is asynchronous and drops lines rather than making an event loop wait for a terminal. `MILLRACE_LOG`
/// sets the level; else the command does: info for serve, debug for -v.
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String PATTERN = "time=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} level=%level logger=%logger{0} "
            + "%replace(%msg){'[\\r\\n\\t]+', ' '}%replace(%ex){'\\s*[\\r\\n]+\\s*', ' | '}%nopex%n";
    private static final int QUEUED_LINES = 4096;
    private static final List<String> TALKATIVE = List.of("io.netty", "io.vertx", "com.hubspot");

    /// For Logback's service loader.
    public LogSetup() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setQueueSize(QUEUED_LINES);
        queue.setDiscardingThreshold(0);
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getenv("MILLRACE_LOG"), Level.ERROR));
        root.addAppender(queue);
        for (String logger : TALKATIVE) {
            context.getLogger(logger).setLevel(Level.WARN);
        }
        flushAtTheEnd(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void flushAtTheEnd(LoggerContext context) {
        DefaultShutdownHook hook = new DefaultShutdownHook();
        hook.setContext(context);
        Runtime.getRuntime().addShutdownHook(new Thread(hook, "log-flush"));
    }
}
