package dev.millrace.models.download;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which hosts may be spoken to. *Immutable.*
///
/// Always: the hub. If that is Hugging Face, also the hosts it keeps its files on. Otherwise only what was
/// named. Plain http, other ports and private addresses are for origins that were named in full.
final class HostRules {
    private static final int MAX_ALLOWED = 64;
    // Its files lie behind names such as cdn-lfs-us-1.hf.co, cas-bridge.xethub.hf.co and us.aws.cdn.hf.co.
    private static final List<String> HUGGING_FACE_SUFFIXES = List.of(".huggingface.co", ".hf.co");

    private final Origin hub;
    private final Set<String> hosts = new HashSet<>();
    private final Set<Origin> origins = new HashSet<>();
    private final List<String> suffixes;
    private final String allowSwitch;

    HostRules(PullSettings settings) throws PullException {
        List<String> allowed = settings.allowed();
        if (allowed.size() > MAX_ALLOWED) {
            throw new PullException(
                    PullError.INVALID_REFERENCE,
                    "allowed hosts: " + allowed.size() + " (expected: 0.." + MAX_ALLOWED + ")");
        }
        this.allowSwitch = settings.switches().allowHost();
        this.hub = Origin.of(Origin.parse(settings.hub().toString()));
        boolean huggingFace = this.hub.equals(Origin.of(PullSettings.HUGGING_FACE));
        this.suffixes = huggingFace ? HUGGING_FACE_SUFFIXES : List.of();
        if (huggingFace) {
            hosts.add(this.hub.host());
        } else {
            origins.add(this.hub);
        }
        for (String text : allowed) {
            if (text.contains("://")) {
                origins.add(Origin.of(Origin.parse(text)));
            } else {
                hosts.add(Origin.of(Origin.parse("https://" + text.toLowerCase(Locale.ROOT)))
                        .host());
            }
        }
    }

    /// The origin that credentials are for.
    Origin hub() {
        return hub;
    }

    /// True if the origin was named in full, so that it may be private.
    boolean mayBePrivate(Origin origin) {
        return origins.contains(origin);
    }

    /// Refuses an address that may not be spoken to.
    void check(URI address) throws PullException {
        Origin origin = Origin.of(address);
        if (origins.contains(origin)) {
            return;
        }
        if (origin.scheme().equals("http")) {
            throw forbidden("plain http to " + origin + " is not allowed: only https is", origin.toString());
        }
        boolean known = hosts.contains(origin.host())
                || suffixes.stream().anyMatch(suffix -> origin.host().endsWith(suffix));
        if (!known) {
            throw forbidden("host " + origin.host() + " is not on the list of allowed hosts", origin.host());
        }
        if (!origin.isUsualHttps()) {
            throw forbidden("port " + origin.port() + " of " + origin.host() + " is not allowed", origin.toString());
        }
    }

    private PullException forbidden(String what, String remedy) {
        return new PullException(
                PullError.FORBIDDEN_ADDRESS, what + "; if you trust it, allow it with " + allowSwitch + " " + remedy);
    }
}
