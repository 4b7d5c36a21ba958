package dev.millrace.models.download;

/// A bearer token. Sent to the configured hub and nowhere else; its text form hides it. *Immutable.*
///
/// @param secret visible ASCII without blanks
public record AccessToken(String secret) {
    private static final int MAX_LENGTH = 4096;

    public AccessToken {
        if (secret.isEmpty() || secret.length() > MAX_LENGTH || !secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            // The value itself must not get into a message.
            throw new IllegalArgumentException("token: not 1.." + MAX_LENGTH + " printable ASCII characters");
        }
    }

    @Override
    public String toString() {
        return "AccessToken[hidden]";
    }
}
