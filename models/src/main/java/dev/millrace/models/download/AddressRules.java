package dev.millrace.models.download;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// Which network addresses belong to the public internet. A name that a stranger controls can point anywhere, also at
/// this
/// machine, at its neighbours and at the metadata service of a cloud.
final class AddressRules {
    private record Block(List<Integer> prefix, int bits, String name) {
        boolean holds(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (prefix.get(bit / 8) & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Block> FOUR = List.of(
            new Block(List.of(0), 8, "unspecified"),
            new Block(List.of(10), 8, "private"),
            new Block(List.of(100, 64), 10, "private (shared address space)"),
            new Block(List.of(127), 8, "loopback"),
            new Block(List.of(168, 63, 129, 16), 32, "a cloud's metadata service"),
            new Block(List.of(169, 254), 16, "link-local or a cloud's metadata service"),
            new Block(List.of(172, 16), 12, "private"),
            new Block(List.of(192, 0, 0), 24, "reserved"),
            new Block(List.of(192, 0, 2), 24, "reserved"),
            new Block(List.of(192, 88, 99), 24, "reserved"),
            new Block(List.of(192, 168), 16, "private"),
            new Block(List.of(198, 18), 15, "reserved"),
            new Block(List.of(198, 51, 100), 24, "reserved"),
            new Block(List.of(203, 0, 113), 24, "reserved"),
            new Block(List.of(224), 4, "multicast"),
            new Block(List.of(240), 4, "reserved"));

    private static final List<Block> SIX = List.of(
            new Block(List.of(0x20, 0x01, 0x00, 0x00), 23, "reserved (tunnels)"),
            new Block(List.of(0x20, 0x01, 0x0d, 0xb8), 32, "reserved"),
            new Block(List.of(0x20, 0x02), 16, "a tunnel to an IPv4 address"),
            new Block(List.of(0x3f, 0xff, 0x00), 20, "reserved"));

    private AddressRules() {}

    /// Why this address is refused; empty if it is public.
    static Optional<String> refusal(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet4Address ? within(FOUR, bytes) : six(bytes);
    }

    private static Optional<String> within(List<Block> blocks, byte[] address) {
        return blocks.stream().filter(b -> b.holds(address)).map(Block::name).findFirst();
    }

    private static Optional<String> six(byte[] address) {
        // Only 2000::/3 is handed out; loopback, unique-local, link-local, multicast and every form that carries an
        // IPv4 address (mapped, compatible, translated) lie outside of it.
        boolean global = (address[0] & 0xe0) == 0x20;
        return global ? within(SIX, address) : Optional.of(outside(address));
    }

    private static String outside(byte[] a) {
        int first = a[0] & 0xff;
        if (first == 0xff) {
            return "multicast";
        }
        if (first == 0xfe && (a[1] & 0xc0) == 0x80) {
            return "link-local";
        }
        return (first & 0xfe) == 0xfc ? "private (unique local)" : "loopback, mapped or reserved";
    }
}
