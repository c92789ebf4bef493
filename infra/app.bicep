// The function app on a Flex Consumption plan. It holds no secret: what it needs it reads with its identity.

@description('The app\'s name, unique in the world.')
param name string

@description('The plan\'s name.')
param planName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('isolated: the .NET isolated worker. custom: the native custom handler.')
@allowed(['isolated', 'custom'])
param hostingModel string

@description('Instances that are always ready for requests.')
param alwaysReadyInstances int

@description('Requests that one instance takes at once.')
param perInstanceConcurrency int

@description('The most instances.')
param maximumInstanceCount int

@description('Memory of an instance in MB.')
param instanceMemoryMB int

@description('The name of the app\'s identity.')
param identityName string

@description('The name of the Application Insights resource.')
param componentName string

@description('The storage account\'s name.')
param storageName string

@description('The container of the deployed package.')
param packageContainer string

@description('The key vault\'s address.')
param vaultUri string

@description('The vault\'s secret that holds the client keys; empty: none.')
param clientKeysName string

@description('The model of /api/generate when a request names none.')
param model string

@description('Which version of a model callers count on, as model=version with commas between them; empty: none.')
param modelPins string

@description('Which models are asked when one can\'t answer, as model=next,last with semicolons between chains; empty: none.')
param fallbackModels string

@description('The address under which clients reach the edge, if another than the app\'s own.')
param publicUrl string

@description('How often an instance in use reads the keys.')
param refreshInterval string

@description('Further settings of the edge: GeminiEdge__… alone.')
param edgeSettings object

// Any other name could be a key's, or lead the edge to another vault. Below, what the template sets comes last and wins.
var misnamed = map(
  filter(items(edgeSettings), setting => !startsWith(setting.key, 'GeminiEdge__')),
  setting => setting.key
)
var furtherSettings = empty(misnamed)
  ? edgeSettings
  : fail('edgeSettings takes names that begin with GeminiEdge__ alone, not ${join(misnamed, ', ')}. Keys go into the vault, with `edgectl set`; the rest has a parameter of its own')

// https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan: Flex takes the runtime from here, and from no setting.
var runtimes = {
  isolated: { name: 'dotnet-isolated', version: '10.0' }
  custom: { name: 'custom', version: '1.0' }
}

var storageSuffix = environment().suffixes.storage

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  // azd finds the app that it deploys to by this one: the service's name in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'edge' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      runtime: runtimes[hostingModel]
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${storageName}.blob.${storageSuffix}/${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        triggers: { http: { perInstanceConcurrency: perInstanceConcurrency } }
      }
    }
    // Of what other plans take here Flex Consumption refuses most, and the deployment with it: error 51021.
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(furtherSettings, {
      // The host's own storage, with the identity instead of a key.
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AzureWebJobsStorage__blobServiceUri: 'https://${storageName}.blob.${storageSuffix}'
      AzureWebJobsStorage__queueServiceUri: 'https://${storageName}.queue.${storageSuffix}'
      AzureWebJobsStorage__tableServiceUri: 'https://${storageName}.table.${storageSuffix}'

      // The host's own limit is 100 MiB, and beyond it an empty 500. The edge bounds each body itself, but for uploads.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2147483648'

      // Names a place; writing there needs the identity's token.
      APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

      // Exporters of OpenTelemetry keep five traces a second unless told otherwise, and alerts count requests.
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
      OTEL_TRACES_SAMPLER_ARG: '1.0'

      AZURE_CLIENT_ID: identity.properties.clientId
      GEMINI_KEYVAULT_URI: vaultUri
      GEMINI_EDGE_FLEET: 'https://${storageName}.table.${storageSuffix}/'
      GEMINI_MODEL: model
      GEMINI_MODEL_PINS: modelPins
      GEMINI_FALLBACK_MODELS: fallbackModels
      GEMINI_EDGE_PUBLIC_URL: publicUrl
      GeminiEdge__RefreshInterval: refreshInterval

      // For the seconds until an instance's first good read of the vault; the platform may cache them for a day.
      GEMINI_API_KEY_PRIMARY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/GEMINI-API-KEY-PRIMARY)'
      GEMINI_API_KEY_SECONDARY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/GEMINI-API-KEY-SECONDARY)'
      GEMINI_EDGE_CLIENT_KEYS: empty(clientKeysName)
        ? ''
        : '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${clientKeysName})'
    })
  }

  // Deployments sign in with Entra ID; the publishing profile's password is no way in.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output hostName string = app.properties.defaultHostName
