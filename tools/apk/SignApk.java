import com.android.apksig.ApkSigner;
import com.android.apksig.ApkVerifier;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Aligns, signs (schemes v2 and v3) and verifies an APK.
 * java -cp apksig.jar SignApk.java IN OUT KEYSTORE ALIAS MIN_SDK, password in $KEYSTORE_PASSWORD;
 * java -cp apksig.jar SignApk.java --verify APK MIN_SDK. Prints JSON.
 */
public class SignApk {
  static final int PAGE = 16384;  // native libraries start on the largest page size of a phone

  public static void main(String[] words) throws Exception {
    boolean only = words[0].equals("--verify");
    int minSdk = Integer.parseInt(words[words.length - 1]);
    if (!only) sign(words[0], words[1], words[2], words[3], minSdk);
    ApkVerifier.Result result = new ApkVerifier.Builder(new File(words[1]))
        .setMinCheckedPlatformVersion(minSdk).build().verify();
    System.out.printf(
        "{\"verified\": %b, \"v2\": %b, \"v3\": %b, \"errors\": %d, \"first_error\": \"%s\"}%n",
        result.isVerified(), result.isVerifiedUsingV2Scheme(), result.isVerifiedUsingV3Scheme(),
        result.getErrors().size(),
        result.getErrors().isEmpty() ? "" : result.getErrors().get(0).toString().replace('"', '\''));
    if (!result.isVerified()) System.exit(1);
  }

  static void sign(String in, String out, String store, String alias, int minSdk) throws Exception {
    char[] password = System.getenv("KEYSTORE_PASSWORD").toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream stream = Files.newInputStream(Path.of(store))) {
      keys.load(stream, password);
    }
    PrivateKey key = (PrivateKey) keys.getKey(alias, password);
    if (key == null) throw new IllegalArgumentException("no key named " + alias + " in " + store);
    X509Certificate certificate = (X509Certificate) keys.getCertificate(alias);
    ApkSigner.SignerConfig signer =
        new ApkSigner.SignerConfig.Builder("CERT", key, List.of(certificate)).build();
    new ApkSigner.Builder(List.of(signer))
        .setInputApk(new File(in)).setOutputApk(new File(out)).setMinSdkVersion(minSdk)
        .setV1SigningEnabled(false).setV2SigningEnabled(true).setV3SigningEnabled(true)
        .setLibraryPageAlignmentBytes(PAGE).setCreatedBy("blazepose-tf").build().sign();
  }
}
