package bench;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Home-5 in a Spring Cloud Gateway: it has routes and no aggregation, so a handler with its WebClient makes the screen. */
@SpringBootApplication
public class Home {
  record User(String name, String tier, long points) {}

  record Cart(long count, long total) {}

  record Price(long amount, String currency) {}

  record Product(String id, String title, Price price, String image) {}

  record RatedProduct(String id, String title, Price price, String image, BigDecimal rating) {}

  record Products(List<Product> items) {}

  record RatedProducts(List<RatedProduct> items) {}

  record Notifications(long unread) {}

  record Screen(User user, Cart cart, List<Product> recommended, List<RatedProduct> products, long unread) {}

  public static void main(String[] arguments) {
    SpringApplication.run(Home.class, arguments);
  }

  @Bean
  RouterFunction<ServerResponse> screens(WebClient.Builder builder, Environment environment) {
    int connections = environment.getRequiredProperty("upstream.connections", Integer.class);
    ConnectionProvider pool = ConnectionProvider.builder("upstream").maxConnections(connections)
        .pendingAcquireMaxCount(-1).build();
    WebClient client = builder.baseUrl(environment.getRequiredProperty("upstream.url"))
        .clientConnector(new ReactorClientHttpConnector(HttpClient.create(pool))).build();
    return RouterFunctions.route().GET("/home", request -> ServerResponse.ok()
        .contentType(MediaType.APPLICATION_JSON).body(screen(client), Screen.class)).build();
  }

  private static Mono<Screen> screen(WebClient client) {
    return Mono.zip(
        get(client, "/users", User.class),
        get(client, "/cart", Cart.class),
        get(client, "/recs", Products.class),
        get(client, "/products", RatedProducts.class),
        get(client, "/notifications", Notifications.class))
        .map(parts -> new Screen(parts.getT1(), parts.getT2(), parts.getT3().items(), parts.getT4().items(),
            parts.getT5().unread()))
        .timeout(Duration.ofSeconds(10));
  }

  private static <T> Mono<T> get(WebClient client, String path, Class<T> type) {
    return client.get().uri(path).retrieve().bodyToMono(type);
  }
}
