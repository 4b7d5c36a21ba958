package dev.millrace.models.download;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.models.download.Selection.Listed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The files of a repository, asked of the hub: `/api/models/{repository}/tree/{revision}?recursive=true`, page by
/// page.
/// *Thread-safe.*
final class HubListing {
    private static final int MAX_PAGES = 20;
    private static final int MAX_PAGE_BYTES = 8 << 20;
    private static final int CHUNK = 64 * 1024;
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern NEXT = Pattern.compile("<([^>]{1,4096})>;\\s*rel=\"next\"");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final GuardedGet get;
    private final Retrying retrying;
    private final URI hub;

    private record Page(List<Listed> files, @Nullable URI next) {}

    HubListing(GuardedGet get, Retrying retrying, URI hub) {
        this.get = get;
        this.retrying = retrying;
        this.hub = hub;
    }

    /// All files of a repository.
    List<Listed> files(ModelReference.OnHub reference, StopSignal stop) throws PullException {
        URI page = at(
                "/api/models/" + reference.repository() + "/tree/" + encoded(reference.revision()) + "?recursive=true");
        List<Listed> files = new ArrayList<>();
        for (int i = 0; i < MAX_PAGES; i++) {
            URI asked = page;
            Page read = retrying.until(stop, () -> page(asked, stop));
            files.addAll(read.files);
            if (read.next == null) {
                return files;
            }
            page = read.next;
        }
        throw new PullException(PullError.TOO_LARGE, "the repository has more than " + MAX_PAGES + " pages of files");
    }

    /// Where a file of a repository is fetched.
    URI file(ModelReference.OnHub reference, String path) throws PullException {
        String segments =
                Arrays.stream(path.split("/")).map(HubListing::encoded).collect(Collectors.joining("/"));
        return at("/" + reference.repository() + "/resolve/" + encoded(reference.revision()) + "/" + segments);
    }

    private URI at(String pathAndQuery) throws PullException {
        String base = hub.toString();
        return Origin.parse((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + pathAndQuery);
    }

    private static String encoded(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Page page(URI address, StopSignal stop) throws PullException, Trouble {
        try (Reply reply = get.get(address, Map.of(), stop)) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] buffer = new byte[CHUNK];
            for (int n = reply.read(buffer, CHUNK); n >= 0; n = reply.read(buffer, CHUNK)) {
                text.write(buffer, 0, n);
                if (text.size() > MAX_PAGE_BYTES) {
                    throw new PullException(
                            PullError.TOO_LARGE, "the hub's list of files is longer than " + MAX_PAGE_BYTES + " bytes");
                }
            }
            Matcher next = NEXT.matcher(reply.head().field("link"));
            URI following =
                    next.find() ? Origin.parse(address.resolve(next.group(1)).toString()) : null;
            return new Page(parse(text.toByteArray()), following);
        } catch (IllegalArgumentException e) {
            throw new PullException(PullError.UPSTREAM_ERROR, "the hub names a next page that is no address", e);
        }
    }

    /// Reads one page.
    static List<Listed> parse(byte[] text) throws PullException {
        List<Listed> files = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw notAList(null);
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                Entry entry = new Entry();
                entry.read(json);
                if (entry.isGguf()) {
                    files.add(new Listed(entry.path, entry.size, entry.sha256));
                }
            }
            return files;
        } catch (IOException e) {
            throw notAList(e);
        }
    }

    private static PullException notAList(@Nullable Throwable cause) {
        return new PullException(
                PullError.UPSTREAM_ERROR, "the hub answered with something that is no list of files", cause);
    }

    /// One object of the list. *Confined to one thread.*
    private static final class Entry {
        private String type = "";
        private String path = "";
        private long size = -1;
        private @Nullable String sha256;

        void read(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("lfs") && value == JsonToken.START_OBJECT) {
                    readLfs(json);
                } else if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                    type = json.getText();
                } else if (name.equals("path") && value == JsonToken.VALUE_STRING) {
                    path = json.getText();
                } else if (name.equals("size") && value == JsonToken.VALUE_NUMBER_INT) {
                    size = json.getLongValue();
                } else {
                    json.skipChildren();
                }
            }
        }

        private void readLfs(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if ((name.equals("oid") || name.equals("sha256")) && value == JsonToken.VALUE_STRING) {
                    String digest = json.getText().toLowerCase(Locale.ROOT);
                    sha256 = DIGEST.matcher(digest).matches() ? digest : null;
                } else if (name.equals("size") && value == JsonToken.VALUE_NUMBER_INT) {
                    size = json.getLongValue();
                } else {
                    json.skipChildren();
                }
            }
        }

        boolean isGguf() {
            return type.equals("file") && path.toLowerCase(Locale.ROOT).endsWith(".gguf");
        }
    }
}
