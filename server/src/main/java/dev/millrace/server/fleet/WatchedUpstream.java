package dev.millrace.server.fleet;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.protocol.openai.ModelNames;
import dev.millrace.server.config.UpstreamConfig;
import dev.millrace.server.config.UpstreamConfig.Kind;
import dev.millrace.server.fleet.Look.Finding;
import dev.millrace.server.upstream.Address;
import dev.millrace.server.upstream.EndpointPool;
import dev.millrace.server.upstream.LoopPool;
import dev.millrace.server.upstream.LoopPools;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Context;
import io.vertx.core.dns.DnsClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One upstream under watch: the addresses of its name are its endpoints. *Confined to its event loop.*
final class WatchedUpstream {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedUpstream.class);
    private static final String LIST = "/models";
    private static final String WELL = "";
    private static final int MOST_ENDPOINTS = 1_000;

    private final UpstreamConfig config;
    private final Means means;
    private final OfferedModels offered;
    private final Map<EndpointId, String> lastSeen = new HashMap<>();
    private boolean resolving;
    private String lastTrouble = WELL;

    /// What looking takes.
    ///
    /// @param key sent with each request; `null` = none
    /// @param tls `null` = plain
    /// @param context the event loop
    record Means(
            Upstreams upstreams,
            @Nullable String key,
            @Nullable SslContext tls,
            NameLookup names,
            DnsClient dns,
            LoopPools pools,
            NanoClock clock,
            Context context) {}

    WatchedUpstream(UpstreamConfig config, Means means) {
        this.config = config;
        this.means = means;
        this.offered = new OfferedModels(config.models());
    }

    /// Resolves the name, then looks at each endpoint.
    void look() {
        if (resolving) {
            return;
        }
        resolving = true;
        String host = Objects.requireNonNull(config.url().getHost());
        if (config.srv() == null) {
            resolve(List.of(InetSocketAddress.createUnresolved(host, Address.port(config.url()))));
        } else {
            means.dns()
                    .resolveSRV(config.srv())
                    .onSuccess(records -> resolve(SrvRecords.best(records)))
                    .onFailure(failure -> resolved(List.of(), "nobody knows the service " + config.srv()));
        }
    }

    /// A name server may take its time, so this is not done on the event loop.
    private void resolve(List<InetSocketAddress> services) {
        Thread.ofVirtual().name("lookup-" + config.name()).start(() -> lookUp(services));
    }

    private void lookUp(List<InetSocketAddress> services) {
        List<InetSocketAddress> found;
        String trouble = WELL;
        try {
            found = sockets(services);
        } catch (IOException _) {
            found = List.of();
            trouble = "nobody knows the name " + services.getFirst().getHostString();
        }
        List<InetSocketAddress> addresses = found;
        String said = trouble;
        means.context().runOnContext(ignored -> resolved(addresses, said));
    }

    private List<InetSocketAddress> sockets(List<InetSocketAddress> services) throws IOException {
        List<InetSocketAddress> sockets = new ArrayList<>();
        for (InetSocketAddress service : services) {
            for (InetAddress address : means.names().addresses(service.getHostString())) {
                if (sockets.size() < MOST_ENDPOINTS) {
                    sockets.add(new InetSocketAddress(address, service.getPort()));
                }
            }
        }
        return sockets;
    }

    private void resolved(List<InetSocketAddress> addresses, String trouble) {
        resolving = false;
        if (!trouble.isEmpty()) {
            means.upstreams().seen(config.name());
        }
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            if (!trouble.isEmpty()) {
                LOG.warn("event=upstream_unresolved upstream={} reason=\"{}\"", config.name(), trouble);
            }
        }
        // A name server that fails is no reason to give up servers that answer.
        if (!addresses.isEmpty()) {
            replaceEndpoints(addresses);
        }
        for (Target target : means.upstreams().targets()) {
            if (target.id().upstream().equals(config.name())) {
                look(target);
            }
        }
    }

    private void replaceEndpoints(List<InetSocketAddress> addresses) {
        Map<EndpointId, InetSocketAddress> wanted = new LinkedHashMap<>();
        for (InetSocketAddress address : addresses) {
            String host = address.getAddress().getHostAddress();
            String shown = host.contains(":") ? "[" + host + "]" : host;
            wanted.put(new EndpointId(config.name(), shown + ":" + address.getPort()), address);
        }
        Map<EndpointId, Integer> weights = new LinkedHashMap<>();
        wanted.forEach((id, socket) -> {
            weights.put(id, config.weight());
            if (means.upstreams().target(id) == null) {
                means.upstreams().add(target(id, socket));
            }
        });
        for (Target known : means.upstreams().targets()) {
            if (known.id().upstream().equals(config.name()) && !wanted.containsKey(known.id())) {
                LOG.info("event=endpoint_gone endpoint={}", known.id());
                lastSeen.remove(known.id());
                means.upstreams().remove(known.id());
            }
        }
        means.upstreams().fleet().endpoints(config.name(), weights);
    }

    private Target target(EndpointId id, InetSocketAddress socket) {
        Quirks quirks = Quirks.of(config.kind());
        String host = Objects.requireNonNull(config.url().getHost());
        Address address = new Address(
                socket,
                host,
                Objects.requireNonNull(config.url().getRawAuthority()),
                Address.basePath(config.url()),
                means.key(),
                means.tls());
        return new Target(
                id, new EndpointPool(address, means.upstreams().config().pool(), quirks.idleNanos()), quirks);
    }

    private void look(Target target) {
        LoopPool pool = means.pools().of(target.pool());
        var look = new Look(LIST, finding -> found(target, finding));
        long timeout = means.upstreams().config().probeTimeout().toMillis();
        means.context().owner().setTimer(timeout, late -> look.giveUp(pool));
        look.start(pool);
    }

    private void found(Target target, Finding finding) {
        switch (finding) {
            case Finding.Answered(int status, byte[] body) when status == 200 -> listed(target, body);
            case Finding.Answered(int status, byte[] _)
            when status == 401 || status == 403 -> judge(target, "it does not accept the key");
            case Finding.Answered(int status, byte[] _)
            when status < 500 && offered.areChosen() -> {
                // It has no list, but it is configured what to ask it for.
                means.upstreams().offers(target, offered.unlisted());
                judge(target, WELL);
            }
            case Finding.Answered(int status, byte[] _) -> judge(target, "its list of models is a " + status);
            case Finding.Failed(String why) -> judge(target, why);
            case Finding.NoRoom _ -> {
                // Very busy, which is not the same as unwell.
            }
        }
    }

    private void listed(Target target, byte[] body) {
        ModelNames names;
        try {
            names = ModelNames.read(body);
        } catch (IOException _) {
            judge(target, "its list of models is none");
            return;
        }
        if (config.kind() == Kind.AUTO) {
            target.learn(Quirks.of(Quirks.kindByOwner(names.owner())));
        }
        Map<String, String> models = offered.among(names.names());
        means.upstreams().offers(target, models);
        if (models.isEmpty()) {
            note(target, "it lists none of the models that are to be offered");
        } else {
            judge(target, WELL);
        }
    }

    private boolean stalled(Target target) {
        long limit = means.upstreams().config().stallAfter().toNanos();
        return target.isStalled(means.clock().nanoTime(), limit);
    }

    private void judge(Target target, String found) {
        String trouble = found.isEmpty() && stalled(target) ? "its streams do not get on" : found;
        means.upstreams().fleet().probed(target.id(), trouble.isEmpty());
        note(target, trouble);
    }

    private void note(Target target, String trouble) {
        means.upstreams().seen(config.name());
        String before = lastSeen.put(target.id(), trouble);
        if (Objects.equals(before, trouble)) {
            return;
        }
        if (trouble.isEmpty()) {
            LOG.info(
                    "event=endpoint_well endpoint={} kind={}",
                    target.id(),
                    target.quirks().kind().name().toLowerCase(java.util.Locale.ROOT));
        } else {
            LOG.warn("event=endpoint_unwell endpoint={} reason=\"{}\"", target.id(), trouble);
        }
    }
}
