package dev.millrace.llama.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The function `strftime_now`: Python's format letters, in English.
final class Strftime {
    private Strftime() {}

    static String format(String pattern, ZonedDateTime time) {
        var out = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%' || i + 1 == pattern.length()) {
                out.append(c);
                continue;
            }
            char letter = pattern.charAt(++i);
            if (letter == '-' && i + 1 < pattern.length()) {
                // glibc: without leading zeros.
                out.append(field(pattern.charAt(++i), time).replaceFirst("^0+(?=\\d)", ""));
            } else {
                out.append(field(letter, time));
            }
        }
        return out.toString();
    }

    private static String field(char letter, ZonedDateTime time) {
        String java = switch (letter) {
            case 'Y' -> "uuuu";
            case 'y' -> "uu";
            case 'm' -> "MM";
            case 'd' -> "dd";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'f' -> "SSSSSS";
            case 'p' -> "a";
            case 'B' -> "MMMM";
            case 'b', 'h' -> "MMM";
            case 'A' -> "EEEE";
            case 'a' -> "EEE";
            case 'j' -> "DDD";
            case 'z' -> "xx";
            case 'Z' -> "zzz";
            case 'F' -> "uuuu-MM-dd";
            case 'T' -> "HH:mm:ss";
            case 'R' -> "HH:mm";
            case 'D', 'x' -> "MM/dd/uu";
            case 'X' -> "HH:mm:ss";
            case 'c' -> "EEE MMM ppd HH:mm:ss uuuu";
            case 'e' -> "ppd";
            default -> "";
        };
        if (java.isEmpty()) {
            return switch (letter) {
                case '%' -> "%";
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
                case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
                case 's' -> Long.toString(time.toEpochSecond());
                default -> "%" + letter;
            };
        }
        return DateTimeFormatter.ofPattern(java, Locale.US).format(time);
    }
}
