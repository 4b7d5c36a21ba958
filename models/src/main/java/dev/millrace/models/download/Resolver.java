package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.download.ModelReference.AtAddress;
import dev.millrace.models.download.ModelReference.OnHub;
import dev.millrace.models.download.Selection.Listed;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds out what a reference means. *Thread-safe.*
final class Resolver {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern PAGE = Pattern.compile("/([^/]+/[^/]+)/(?:blob|resolve)/([^/]+)/(.+)");
    private static final Pattern ODD = Pattern.compile("[^A-Za-z0-9._-]");
    private static final int MAX_NAME = 120;

    private final HostRules rules;
    private final HubListing hub;

    Resolver(HostRules rules, HubListing hub) {
        this.rules = rules;
        this.hub = hub;
    }

    /// Asks the hub if need be.
    PullTarget resolve(PullRequest request, StopSignal stop) throws PullException {
        String wanted = request.sha256();
        if (wanted != null && !DIGEST.matcher(wanted).matches()) {
            throw new PullException(PullError.INVALID_REFERENCE, "a sha256 has 64 hexadecimal digits");
        }
        ModelId name = request.name();
        if (name != null && !ModelName.isValid(name.value())) {
            throw new PullException(
                    PullError.INVALID_REFERENCE,
                    "a model's name is letters, digits, '.', '_' and '-', with at most one maker/ before and one :variant"
                            + " behind");
        }
        String digest = wanted == null ? null : wanted.toLowerCase(Locale.ROOT);
        return switch (pageToFile(ModelReference.parse(request.reference()))) {
            case OnHub reference -> onHub(reference, name, digest, stop);
            case AtAddress(URI address) -> atAddress(address, name, digest);
        };
    }

    /// The address of a file's page on the hub, as people copy it from a browser, means that file.
    private ModelReference pageToFile(ModelReference reference) {
        if (reference instanceof AtAddress(URI address) && Origin.of(address).equals(rules.hub())) {
            Matcher m = PAGE.matcher(address.getPath());
            if (m.matches()) {
                return new OnHub(m.group(1), m.group(3), m.group(2));
            }
        }
        return reference;
    }

    private PullTarget onHub(OnHub reference, @Nullable ModelId name, @Nullable String digest, StopSignal stop)
            throws PullException {
        Selection selection = Selection.choose(hub.files(reference, stop), reference.selector());
        if (digest != null && selection.files().size() > 1) {
            throw new PullException(
                    PullError.INVALID_REFERENCE,
                    "one sha256 for a model of " + selection.files().size()
                            + " files: leave it out, the hub states all");
        }
        List<SourceFile> files = new ArrayList<>();
        for (Listed listed : selection.files()) {
            String stated = listed.sha256();
            if (digest != null && stated != null && !stated.equals(digest)) {
                throw new PullException(
                        PullError.DIGEST_MISMATCH, "the hub lists sha256 " + stated + ", expected was " + digest);
            }
            files.add(new SourceFile(
                    plain(listed.fileName()),
                    hub.file(reference, listed.path()),
                    listed.sizeBytes(),
                    stated == null ? digest : stated));
        }
        String origin = rules.hub() + "/" + reference.repository();
        return new PullTarget(name == null ? ModelName.nearest(selection.name()) : name, origin, files);
    }

    private PullTarget atAddress(URI address, @Nullable ModelId name, @Nullable String digest) throws PullException {
        rules.check(address);
        String path = address.getPath();
        String file = plain(path.substring(path.lastIndexOf('/') + 1));
        boolean suffixed = file.toLowerCase(Locale.ROOT).endsWith(".gguf");
        String stem = suffixed ? file.substring(0, file.length() - ".gguf".length()) : file;
        SourceFile source = new SourceFile(suffixed ? file : file + ".gguf", address, -1, digest);
        // The question may hold a signature.
        String origin = Origin.of(address) + address.getRawPath();
        return new PullTarget(name == null ? ModelName.nearest(stem) : name, origin, List.of(source));
    }

    /// A name for a file, whatever a stranger called it.
    static String plain(String text) {
        String name = ODD.matcher(text).replaceAll("-");
        String tail = name.substring(Math.max(0, name.length() - MAX_NAME));
        return tail.isEmpty() || tail.startsWith(".") ? "model" + tail : tail;
    }
}
