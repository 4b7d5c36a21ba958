package dev.millrace.models.download;

/// What the choices that messages point to are called where the person is who reads them. *Immutable.*
///
/// @param allowHost trusts another host
/// @param maxSize accepts larger models
/// @param name names the model
/// @param sha256 says what the file must have
public record Switches(String allowHost, String maxSize, String name, String sha256) {
    /// Those of the command `millrace pull`.
    public static final Switches OF_COMMAND = new Switches("--allow-host", "--max-size", "--name", "--sha256");
}
