package dev.millrace.worker.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How a worker process is started. *Immutable.*
///
/// @param command program and arguments; the path of the socket is added at the end
/// @param environment all that the worker sees of the environment; nothing secret may be in it
public record WorkerCommand(List<String> command, Map<String, String> environment) {
    public WorkerCommand {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /// The same with a low priority.
    WorkerCommand with(LowPriority priority) {
        return new WorkerCommand(priority.lowered(command), environment);
    }

    ProcessBuilder builder(Path socket) {
        List<String> words = new ArrayList<>(command);
        words.add(socket.toString());
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }
}
