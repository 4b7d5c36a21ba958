package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Passes warnings and errors of llama.cpp on to the log. *Thread-safe*: any native thread may call.
final class NativeLog {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLog.class);
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int MAX_BYTES = 4096;

    // What the caller asked for (one cache for all sequences, an abort) or learns from a return code (a full
    // cache).
    private static final Pattern EXPECTED = Pattern.compile(
            ".*(?:n_ctx_seq|n_ctx_per_seq|n_ctx_pre_seq|failed to prepare ubatch|failed to decode, ret|failed with error 1$|compute status: 1$|removing memory module entries|"
                    + "special_eos_id is not in special_eog_ids).*");

    private NativeLog() {}

    /// Makes the library log here from now on. The stub lives for ever: the library keeps the pointer for ever.
    static void install(NativeFunctions functions) {
        FunctionDescriptor callback = FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS);
        try {
            MethodHandle target = MethodHandles.lookup()
                    .findStatic(
                            NativeLog.class,
                            "write",
                            MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class));
            MemorySegment stub = Linker.nativeLinker().upcallStub(target, callback, Arena.global());
            MethodHandle set = functions.find("llama_log_set", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
            set.invokeExact(stub, MemorySegment.NULL);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    // An exception that leaves an upcall ends the process.
    @SuppressWarnings({"CatchAndPrintStackTrace", "EmptyCatch", "UnusedMethod"})
    private static void write(int level, MemorySegment text, MemorySegment ignored) {
        try {
            if (level != WARN && level != ERROR) {
                return;
            }
            String line = line(text);
            if (EXPECTED.matcher(line).matches()) {
                LOG.debug("event=llama_cpp message=\"{}\"", line);
            } else if (level == WARN) {
                LOG.warn("event=llama_cpp message=\"{}\"", line);
            } else {
                LOG.error("event=llama_cpp message=\"{}\"", line);
            }
        } catch (Throwable ignoredToo) {
            // A lost log line is the lesser evil.
        }
    }

    private static String line(MemorySegment text) {
        return text.reinterpret(MAX_BYTES).getString(0).strip().replace('\n', ' ');
    }
}
