package dev.millrace.server.account;

/// The metrics as Prometheus reads them. *Thread-safe.*
@FunctionalInterface
public interface Scrape {
    /// The text exposition format.
    String text();
}
