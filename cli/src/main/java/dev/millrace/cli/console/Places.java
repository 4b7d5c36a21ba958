package dev.millrace.cli.console;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;

/// Where things lie on this machine. *Immutable.*
///
/// @param dataDirectory what Millrace keeps: libraries, models, histories
/// @param distribution the folder with `lib/` and `models/`, wherever it was moved to
public record Places(Path dataDirectory, Path distribution) {
    /// The name of the model that ships inside.
    public static final String DEMO_MODEL = "millrace-demo";

    /// Places of this process: `MILLRACE_HOME` or `~/.millrace`, and the folder above the running jar.
    public static Places ofThisProcess(Map<String, String> environment) {
        String home = environment.getOrDefault("MILLRACE_HOME", "");
        Path data = home.isEmpty() ? Path.of(System.getProperty("user.home"), ".millrace") : Path.of(home);
        return new Places(data.toAbsolutePath().normalize(), distributionFolder());
    }

    private static Path distributionFolder() {
        try {
            Path code = Path.of(Places.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
            // lib/millrace.jar lies in the distribution; a folder of classes lies beside it.
            return code.toString().endsWith(".jar")
                    ? code.resolve("../..").normalize()
                    : code.resolve("../dist").normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place is no path", e);
        }
    }

    /// The file of the demo model.
    public Path demoModel() {
        return distribution.resolve("models").resolve(DEMO_MODEL + ".gguf");
    }
}
