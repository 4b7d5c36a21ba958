package dev.millrace.protocol.json;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Random JSON values, every way of writing one, and changes that alter what it says.
///
/// Values are [Map], [List], [String], [BigDecimal], [Boolean] and [#NULL].
final class JsonTree {
    private static final Object NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "b",
        "ab",
        "A",
        "é",
        "€",
        "😀",
        "\ufb33",
        "\u0000",
        "\u001f",
        "\u007f",
        "\n\t\"\\/",
        "role",
        "temperature",
        "z"
    };
    private static final String[] BLANKS = {"", "", "", " ", "\n", "\t \r\n"};

    private final Random random;

    JsonTree(long seed) {
        random = new Random(seed);
    }

    Map<String, Object> object(int depth) {
        var map = new LinkedHashMap<String, Object>();
        int size = random.nextInt(6);
        for (int i = 0; i < size; i++) {
            map.put(text(), value(depth - 1));
        }
        return map;
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> NULL;
            case 1 -> random.nextBoolean();
            case 2, 3 -> number();
            case 4, 5 -> text();
            case 6 -> object(depth);
            default -> {
                var list = new ArrayList<Object>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(depth - 1));
                }
                yield list;
            }
        };
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)]
                + (random.nextInt(3) == 0 ? TEXTS[random.nextInt(TEXTS.length)] : "");
    }

    private BigDecimal number() {
        int bits = random.nextInt(4) == 0 ? 200 : 10;
        var digits = new BigInteger(bits, random);
        var value = new BigDecimal(digits, random.nextInt(25) - 12);
        return random.nextBoolean() ? value : value.negate();
    }

    /// Writes a value in any of the ways that say the same.
    String write(Object value) {
        String text = switch (value) {
            case Map<?, ?> map -> writeObject(map);
            case List<?> list -> {
                var items = new ArrayList<String>();
                list.forEach(item -> items.add(write(item)));
                yield "[" + String.join(",", items) + blank() + "]";
            }
            case String string -> writeString(string);
            case BigDecimal number -> writeNumber(number);
            default -> value.toString();
        };
        return blank() + text + blank();
    }

    private String writeObject(Map<?, ?> map) {
        var members = new ArrayList<String>();
        map.forEach((name, value) -> members.add(blank() + writeString((String) name) + blank() + ":" + write(value)));
        Collections.shuffle(members, random);
        return "{" + String.join(",", members) + blank() + "}";
    }

    private String writeString(String text) {
        var out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isSurrogate(c);
            if (c < ' ' || c == '"' || c == '\\') {
                boolean named = c >= ' ' || (c == '\n' && random.nextBoolean());
                out.append(named ? "\\" + (c == '\n' ? 'n' : c) : escape(c));
            } else if (c == '/' && random.nextBoolean()) {
                out.append("\\/");
            } else {
                // Half a pair may be escaped only together with the other half.
                out.append(!pair && random.nextInt(4) == 0 ? escape(c) : String.valueOf(c));
            }
        }
        return out.append('"').toString().replace("😀", random.nextBoolean() ? "😀" : "\\uD83d\\ude00");
    }

    private String escape(char c) {
        String hex = String.format("%04x", (int) c);
        return "\\u" + (random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
    }

    private String writeNumber(BigDecimal number) {
        String sign = number.signum() < 0 || (number.signum() == 0 && random.nextBoolean()) ? "-" : "";
        BigDecimal size = number.abs();
        int shift = random.nextInt(9) - 4;
        String plain = size.scaleByPowerOfTen(-shift).toPlainString();
        if (random.nextInt(3) == 0) {
            plain += plain.contains(".") ? "00" : ".00";
        }
        String exponent = shift < 0 ? "-0" + -shift : random.nextBoolean() ? "+" + shift : "" + shift;
        return sign + plain + (shift == 0 && random.nextBoolean() ? "" : (random.nextBoolean() ? "e" : "E") + exponent);
    }

    private String blank() {
        return BLANKS[random.nextInt(BLANKS.length)];
    }

    /// A copy with exactly one thing changed: a value, a name, an item more or less, two items in another order.
    Map<String, Object> change(Map<String, Object> object) {
        var copy = new LinkedHashMap<>(object);
        List<String> names = new ArrayList<>(copy.keySet());
        String fresh = "new" + random.nextInt(1000);
        if (names.isEmpty() || random.nextInt(6) == 0) {
            copy.put(fresh, NULL);
            return copy;
        }
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(6)) {
            case 0 -> copy.remove(name);
            case 1 -> copy.put(fresh, copy.remove(name));
            default -> copy.put(name, changeValue(copy.getOrDefault(name, NULL)));
        }
        return copy;
    }

    @SuppressWarnings("unchecked")
    private Object changeValue(Object value) {
        return switch (value) {
            case Boolean bool -> random.nextBoolean() ? !bool : String.valueOf(bool);
            case String text -> random.nextBoolean() ? text + "x" : text + " ";
            case BigDecimal number ->
                switch (random.nextInt(3)) {
                    case 0 -> number.signum() == 0 ? BigDecimal.ONE : number.negate();
                    case 1 -> number.add(number.ulp());
                    default -> number.toPlainString();
                };
            case Map<?, ?> map -> change((Map<String, Object>) map);
            case List<?> list -> changeList((List<Object>) list);
            default -> false; // of null
        };
    }

    private List<Object> changeList(List<Object> list) {
        var copy = new ArrayList<>(list);
        if (copy.isEmpty() || random.nextInt(4) == 0) {
            copy.add(NULL);
            return copy;
        }
        Collections.rotate(copy, 1);
        if (!same(copy, list)) {
            return copy;
        }
        copy.set(0, changeValue(copy.get(0)));
        return copy;
    }

    /// True if two values say the same: numbers by value.
    static boolean same(Object a, Object b) {
        return switch (a) {
            case BigDecimal x -> b instanceof BigDecimal y && x.compareTo(y) == 0;
            case Map<?, ?> x ->
                b instanceof Map<?, ?> y
                        && x.keySet().equals(y.keySet())
                        && x.keySet().stream().allMatch(k -> same(requireNonNull(x.get(k)), requireNonNull(y.get(k))));
            case List<?> x ->
                b instanceof List<?> y
                        && x.size() == y.size()
                        && java.util.stream.IntStream.range(0, x.size()).allMatch(i -> same(x.get(i), y.get(i)));
            default -> a.equals(b);
        };
    }
}
