// Puts and gets objects with the S3 encryption clients of AWS. Each line of standard input is one order:
//
//   CLIENT put|get KEY FILE
//
// and each is answered with a line: "done", or "refused" and why.
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3EncryptionClientBuilder;
import com.amazonaws.services.s3.AmazonS3EncryptionClientV2Builder;
import com.amazonaws.services.s3.model.CryptoConfiguration;
import com.amazonaws.services.s3.model.CryptoConfigurationV2;
import com.amazonaws.services.s3.model.CryptoMode;
import com.amazonaws.services.s3.model.EncryptionMaterials;
import com.amazonaws.services.s3.model.GetObjectRequest;
import com.amazonaws.services.s3.model.S3Object;
import com.amazonaws.services.s3.model.StaticEncryptionMaterialsProvider;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.encryption.s3.S3EncryptionClient;

public final class EncryptionClients {
  private static final String ENDPOINT = System.getenv("S3_ENDPOINT");
  private static final String REGION = System.getenv("S3_REGION");
  private static final String BUCKET = System.getenv("S3_BUCKET");
  private static final String ACCESS_KEY = System.getenv("S3_ACCESS_KEY");
  private static final String SECRET_KEY = System.getenv("S3_SECRET_KEY");
  private static final SecretKey MASTER =
      new SecretKeySpec(Base64.getDecoder().decode(System.getenv("MASTER_KEY")), "AES");

  public static void main(String[] arguments) throws Exception {
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] words = order.split(" ");
      try {
        carryOut(words[0], words[1], words[2], Path.of(words[3]));
        System.out.println("done");
      } catch (Exception thrown) {
        System.out.println("refused " + String.valueOf(thrown).replace('\n', ' '));
      }
    }
  }

  private static void carryOut(String client, String verb, String key, Path file) throws Exception {
    boolean isPut = verb.equals("put");
    if (client.startsWith("v3") || client.startsWith("v4")) {
      try (S3Client s3 = later(!client.endsWith("-strict"))) {
        if (isPut) s3.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromFile(file));
        else save(s3.getObject(request -> request.bucket(BUCKET).key(key)), file);
      }
      return;
    }
    AmazonS3 s3 = client.equals("v2") ? second() : first(client);
    try {
      if (isPut) s3.putObject(BUCKET, key, file.toFile());
      else
        try (S3Object object = s3.getObject(new GetObjectRequest(BUCKET, key))) {
          Files.copy(object.getObjectContent(), file, StandardCopyOption.REPLACE_EXISTING);
        }
    } finally {
      s3.shutdown();
    }
  }

  private static void save(ResponseInputStream<GetObjectResponse> body, Path file) throws Exception {
    try (InputStream stream = body) {
      Files.copy(stream, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Version 1 of the SDK: "v1" encrypts only, "v1-authenticated" writes the later format. */
  private static AmazonS3 first(String client) {
    CryptoMode mode =
        client.equals("v1") ? CryptoMode.EncryptionOnly : CryptoMode.AuthenticatedEncryption;
    return AmazonS3EncryptionClientBuilder.standard()
        .withEndpointConfiguration(new EndpointConfiguration(ENDPOINT, REGION))
        .withPathStyleAccessEnabled(true)
        .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(ACCESS_KEY, SECRET_KEY)))
        .withCryptoConfiguration(new CryptoConfiguration(mode))
        .withEncryptionMaterials(
            new StaticEncryptionMaterialsProvider(new EncryptionMaterials(MASTER)))
        .build();
  }

  /** The second client of the first SDK, which still reads what the first one wrote. */
  private static AmazonS3 second() {
    return AmazonS3EncryptionClientV2Builder.standard()
        .withEndpointConfiguration(new EndpointConfiguration(ENDPOINT, REGION))
        .withPathStyleAccessEnabled(true)
        .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(ACCESS_KEY, SECRET_KEY)))
        .withCryptoConfiguration(new CryptoConfigurationV2(CryptoMode.AuthenticatedEncryption))
        .withEncryptionMaterialsProvider(
            new StaticEncryptionMaterialsProvider(new EncryptionMaterials(MASTER)))
        .build();
  }

  /** Version 3 or 4 of the encryption client, whichever is in the class path. */
  private static S3Client later(boolean readsLegacy) throws Exception {
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY));
    S3Client plain =
        S3Client.builder()
            .endpointOverride(URI.create(ENDPOINT))
            .region(Region.of(REGION))
            .forcePathStyle(true)
            .credentialsProvider(credentials)
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .build();
    S3AsyncClient asynchronous =
        S3AsyncClient.builder()
            .endpointOverride(URI.create(ENDPOINT))
            .region(Region.of(REGION))
            .forcePathStyle(true)
            .credentialsProvider(credentials)
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .build();
    S3EncryptionClient.Builder builder =
        builderOfThisVersion()
            .wrappedClient(plain)
            .wrappedAsyncClient(asynchronous)
            .aesKey(MASTER)
            .enableLegacyWrappingAlgorithms(readsLegacy)
            .enableLegacyUnauthenticatedModes(readsLegacy);
    return builder.build();
  }

  /** Version 4 calls it otherwise, and reads files without a key commitment only when it is told to. */
  private static S3EncryptionClient.Builder builderOfThisVersion() throws Exception {
    Class<?> client = S3EncryptionClient.class;
    Class<?> policy;
    try {
      policy = Class.forName("software.amazon.encryption.s3.CommitmentPolicy");
    } catch (ClassNotFoundException isVersion3) {
      return (S3EncryptionClient.Builder) client.getMethod("builder").invoke(null);
    }
    Object builder = client.getMethod("builderV4").invoke(null);
    Object allow = policy.getField("REQUIRE_ENCRYPT_ALLOW_DECRYPT").get(null);
    builder.getClass().getMethod("commitmentPolicy", policy).invoke(builder, allow);
    return (S3EncryptionClient.Builder) builder;
  }
}
