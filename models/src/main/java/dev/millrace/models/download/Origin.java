package dev.millrace.models.download;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Scheme, host and port of an address: what a credential or a permission is for. *Immutable.*
record Origin(String scheme, String host, int port) {
    private static final int HTTPS = 443;
    private static final int HTTP = 80;
    private static final int MAX_HOST = 253;

    static Origin of(URI address) {
        String scheme = address.getScheme();
        int usual = scheme.equals("http") ? HTTP : HTTPS;
        return new Origin(scheme, address.getHost(), address.getPort() < 0 ? usual : address.getPort());
    }

    boolean isUsualHttps() {
        return scheme.equals("https") && port == HTTPS;
    }

    /// Reads an address: the only place that does, so that what is checked is what is connected to.
    ///
    /// @throws PullException if it is not a plain http or https address
    static URI parse(String text) throws PullException {
        try {
            return normal(new URI(text));
        } catch (URISyntaxException e) {
            // The reason is fixed text of the JDK; the input is left out.
            throw new PullException(PullError.INVALID_REFERENCE, "not an address: " + e.getReason(), e);
        }
    }

    private static URI normal(URI uri) throws PullException, URISyntaxException {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw new PullException(PullError.FORBIDDEN_ADDRESS, "only https addresses are fetched");
        }
        if (uri.getRawAuthority() == null || uri.getRawAuthority().contains("@")) {
            throw new PullException(
                    PullError.FORBIDDEN_ADDRESS,
                    "an address must not hold a user name or a password: use a token file");
        }
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        if (host.isEmpty() || host.length() > MAX_HOST || host.endsWith(".")) {
            throw new PullException(PullError.INVALID_REFERENCE, "not an address: the host is no plain name");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new PullException(PullError.INVALID_REFERENCE, "not an address: the port is not 1..65535");
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String question = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new URI(scheme + "://" + host + port + path + question);
    }

    @Override
    public String toString() {
        boolean usual = isUsualHttps() || (scheme.equals("http") && port == HTTP);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }
}
