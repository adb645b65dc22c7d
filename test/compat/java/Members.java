import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;

/**
 * What members of a group go through with Kafka's own client: BOOTSTRAP NAME SCENARIO [classic|consumer].
 * NAME becomes the topic. Prints one line of facts, or fails.
 */
public final class Members {
    private static final String COOPERATIVE = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    private static final Map<String, Object> NOTHING = Map.of();

    private final Scene scene;
    private final String protocol;

    private Members(Scene scene, String protocol) {
        this.scene = scene;
        this.protocol = protocol;
    }

    public static void main(String[] args) throws Exception {
        int code = 0;
        try (Scene scene = new Scene(args[0], args[1])) {
            Members members = new Members(scene, args.length > 3 ? args[3] : "classic");
            switch (args[2]) {
                case "rolling" -> members.rolling();
                case "static-return" -> members.staticReturn();
                case "static-twin" -> members.staticTwin();
                case "cooperative" -> members.cooperative();
                case "migrate" -> members.migrate();
                default -> throw new IllegalArgumentException(args[2]);
            }
            // One that is fenced cannot commit what it took last.
            boolean fenced = args[2].equals("static-twin");
            scene.end(fenced);
            System.out.println(scene.produced() + " records, each " + (fenced ? "at least " : "") + "once");
        } catch (Exception thrown) {
            thrown.printStackTrace();
            code = 1;
        }
        System.exit(code);
    }

    /** One after the other is closed and replaced. */
    private void rolling() throws Exception {
        for (int number = 0; number < 3; number++) scene.join(protocol, NOTHING);
        scene.settle("three members");
        for (Member old : List.copyOf(scene.members)) {
            scene.leave(old);
            scene.settle("one left");
            scene.join(protocol, NOTHING);
            scene.settle("one joined");
            scene.catchUp("after a replacement");
        }
    }

    /** A static member that returns within its session has what it had, and the others do not notice. */
    private void staticReturn() throws Exception {
        Member other = scene.join(protocol, instance("a"));
        Member restarted = scene.join(protocol, instance("b"));
        scene.settle("two static members");
        Set<Integer> before = restarted.owned;
        List<String> history = List.copyOf(other.history);
        int generation = other.generation;
        scene.leave(restarted);
        Member returned = scene.join(protocol, instance("b"));
        scene.settle("returned");
        scene.catchUp("returned");
        same(before, returned.owned, "what the returning member owns");
        same(history, other.history, "what happened to the other member");
        same(generation, other.generation, "the generation");
    }

    /** Two at a time with one instance id: the newer one wins in the classic protocol, the older one in the other. */
    private void staticTwin() throws Exception {
        Member older = scene.join(protocol, instance("a"));
        scene.settle("one static member");
        Member newer = new Member(scene, protocol, instance("a"));
        boolean classic = protocol.equals("classic");
        if (classic) scene.members.set(0, newer);
        newer.start();
        Member loser = classic ? older : newer;
        scene.await("one of the twins is refused", () -> loser.failure != null);
        // A classic member whose heartbeat heard it first cannot commit any more.
        boolean fenced = loser.failure instanceof FencedInstanceIdException || loser.failure instanceof CommitFailedException;
        if (classic ? !fenced : !(loser.failure instanceof UnreleasedInstanceIdException)) throw loser.failure;
        scene.settle("the other one has everything");
    }

    /** A member that joins takes only what moves to it; the rest is never given up. */
    private void cooperative() throws Exception {
        Map<String, Object> config = Map.of("partition.assignment.strategy", COOPERATIVE);
        Member first = scene.join(protocol, config);
        Member second = scene.join(protocol, config);
        scene.settle("two members");
        List<Integer> histories = List.of(first.history.size(), second.history.size());
        Set<Integer> firstHad = first.owned;
        Set<Integer> secondHad = second.owned;
        Member third = scene.join(protocol, config);
        scene.settle("three members");
        Set<Integer> moved = new TreeSet<>(third.owned);
        same(Set.of(), minus(minus(firstHad, first.owned), moved), "what the first gave up in vain");
        same(List.of("revoked " + minus(firstHad, first.owned)), first.history.subList(histories.get(0), first.history.size()),
            "what happened to the first");
        same(List.of("revoked " + minus(secondHad, second.owned)),
            second.history.subList(histories.get(1), second.history.size()), "what happened to the second");
        scene.leave(third);
        scene.settle("two members again");
    }

    /** Members are replaced one by one by members of the newer protocol, and back. */
    private void migrate() throws Exception {
        for (int number = 0; number < 3; number++) scene.join("classic", NOTHING);
        scene.settle("three classic members");
        scene.isOfType("Classic", "before the upgrade");
        replaceAll("consumer", "Consumer", "Consumer");
        replaceAll("classic", "Consumer", "Classic");
    }

    private void replaceAll(String next, String mixed, String last) throws Exception {
        List<Member> old = List.copyOf(scene.members);
        for (int number = 0; number < old.size(); number++) {
            scene.join(next, NOTHING);
            scene.settle("a " + next + " member joined");
            scene.isOfType(mixed, "with members of both protocols");
            scene.leave(old.get(number));
            scene.settle("an old member left");
            scene.catchUp("an old member left");
        }
        scene.isOfType(last, "after the last of the old members left");
    }

    private static Map<String, Object> instance(String name) { return Map.of("group.instance.id", name); }

    private static Set<Integer> minus(Set<Integer> from, Set<Integer> what) {
        Set<Integer> rest = new TreeSet<>(from);
        rest.removeAll(what);
        return rest;
    }

    private static void same(Object wanted, Object found, String what) {
        if (!wanted.equals(found)) throw new IllegalStateException(what + " is " + found + ", not " + wanted);
    }
}
